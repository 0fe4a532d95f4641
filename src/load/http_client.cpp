#include "load/http_client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "load/errc.hpp"

namespace sluice::load {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::uint64_t kMostDiscard = 1 << 20;

std::string request_for(const Target& target, const std::string& path) {
  const bool v6 = target.host.find(':') != std::string::npos;
  return fmt::format("GET {} HTTP/1.1\r\nHost: {}{}{}:{}\r\nUser-Agent: sluice-load\r\nAccept: */*\r\n\r\n", path,
                     v6 ? "[" : "", target.host, v6 ? "]" : "", target.port);
}

}  // namespace

Task<Result<AnswerHead>> HttpClient::open(std::string path, SteadyTime deadline) {
  const std::string request = request_for(*viewer_->options().target, path);
  const bool reused = wire_.has_value();
  auto head = co_await ask(request, deadline);
  // A kept connection may have been closed just when we asked: that is no fault of anybody.
  const bool closed_before = reused && !head && filled_ == 0 && head.error() == net::Errc::closed;
  if (closed_before) {
    wire_.reset();
    head = co_await ask(request, deadline);
  }
  if (!head) wire_.reset();
  if (head && head->status != 200) viewer_->on_http_error();
  co_return head;
}

Task<Result<AnswerHead>> HttpClient::ask(const std::string& request, SteadyTime deadline) {
  filled_ = taken_ = 0;
  body_.reset();
  if (!wire_) {
    auto connected = co_await Wire::connect(*viewer_);
    if (!connected) co_return fail(connected.error());
    wire_.emplace(std::move(*connected));
  }
  if (auto sent = co_await wire_->send(as_bytes(request)); !sent) co_return fail(sent.error());
  for (;;) {
    const auto head = parse_answer_head(BytesView(buffer_).first(filled_));
    if (!head) co_return fail(head.error());
    if (*head && (*head)->status >= 200) {
      taken_ = (*head)->size;
      body_.emplace(**head);
      keep_alive_ = (*head)->keep_alive;
      if (body_->done()) end_of_answer();
      co_return **head;
    }
    if (*head) {  // an interim answer, another follows
      buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>((*head)->size));
      filled_ -= (*head)->size;
      continue;
    }
    if (auto ok = co_await fill(deadline); !ok) co_return fail(ok.error());
  }
}

Task<Result<void>> HttpClient::fill(SteadyTime deadline) {
  buffer_.resize(std::max(kBufferBytes, filled_ + kMostAnswerHeadBytes));
  const auto n = co_await wire_->read(std::span(buffer_).subspan(filled_), deadline);
  if (!n) co_return fail(n.error());
  filled_ += *n;
  co_return Result<void>();
}

Task<Result<BytesView>> HttpClient::read(SteadyTime deadline) {
  while (body_ && !body_->done()) {
    if (taken_ == filled_) {
      filled_ = taken_ = 0;
      if (auto ok = co_await fill(deadline); !ok) co_return fail(ok.error());
    }
    BytesView rest = BytesView(buffer_).subspan(taken_, filled_ - taken_);
    const auto run = body_->next(rest);
    if (!run) co_return fail(run.error());
    taken_ = filled_ - rest.size();
    if (body_->done()) end_of_answer();
    if (!run->empty()) co_return *run;
  }
  co_return BytesView();
}

Task<Result<std::uint64_t>> HttpClient::discard(SteadyTime deadline) {
  const bool something_is_here = taken_ < filled_;
  const std::uint64_t plain = body_ ? body_->plain_bytes() : 0;
  if (something_is_here || plain == 0) {
    const auto run = co_await read(deadline);
    if (!run) co_return fail(run.error());
    co_return run->size();
  }
  Bytes().swap(buffer_);
  filled_ = taken_ = 0;
  const auto n = co_await wire_->discard(static_cast<std::size_t>(std::min(plain, kMostDiscard)), deadline);
  if (!n) co_return fail(n.error());
  body_->skip(*n);
  if (body_->done()) end_of_answer();
  co_return *n;
}

void HttpClient::end_of_answer() {
  if (!keep_alive_) wire_.reset();
}

Task<Result<HttpClient::Answer>> HttpClient::get(std::string path, Keep keep, std::chrono::nanoseconds limit) {
  Answer answer{.requested = std::chrono::steady_clock::now()};
  const SteadyTime deadline = Shard::current().now() + limit;
  const auto head = co_await open(std::move(path), deadline);
  if (!head) co_return fail(head.error());
  answer.status = head->status;
  for (;;) {
    std::uint64_t came = 0;
    if (keep == Keep::all) {
      const auto run = co_await read(deadline);
      if (!run) co_return fail(run.error());
      if (run->size() > kMostBodyBytes - answer.body.size()) co_return fail(Errc::answer_too_large);
      answer.body.insert(answer.body.end(), run->begin(), run->end());
      came = run->size();
    } else {
      const auto n = co_await discard(deadline);
      if (!n) co_return fail(n.error());
      came = *n;
    }
    if (came == 0) break;
  }
  answer.answered = std::chrono::steady_clock::now();
  co_return answer;
}

}  // namespace sluice::load
