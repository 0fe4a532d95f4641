#include "net/http2_stream.hpp"

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>

#include <algorithm>

#include "net/http2_session.hpp"
#include "net/http_server.hpp"

namespace sluice::net {
namespace {

// Of one request's fields, decoded. More than a head of HTTP/1 may have is refused; much more ends the connection.
constexpr std::size_t kMostFieldBytes = 64 * 1024;

}  // namespace

/// The stream as what carries the bytes of a socket, for an answer that takes its connection over.
class Http2Stream::Flow final : public Transport {
 public:
  explicit Flow(Http2Stream& stream) : stream_(stream) {}

  Result<std::size_t> send(std::span<const Range> ranges, bool) override {
    if (stream_.flow_ended_) return fail(Errc::closed);
    std::size_t taken = 0;
    for (const Range& range : ranges) {
      stream_.offered_ = range;
      stream_.session_.resume(stream_);
      stream_.session_.pump();
      const std::size_t left = std::exchange(stream_.offered_, {}).length;
      taken += range.length - left;
      if (left > 0) break;
    }
    stream_.wants_room_ = taken == 0;
    return taken;
  }
  // The request is over: there is nothing to read but the end.
  Result<Received> receive(std::span<std::byte>) override { return receive(); }
  Result<Received> discard(std::size_t) override { return receive(); }
  [[nodiscard]] std::string_view tls_version() const override { return stream_.session_.tls_version(); }
  void shutdown() override {
    if (std::exchange(stream_.flow_ended_, true)) return;
    stream_.session_.resume(stream_);
    stream_.flow_events_->on_io(EPOLLIN | EPOLLHUP);
  }
  void drop() override {
    if (stream_.flow_ended_) return;
    stream_.session_.reset(stream_, NGHTTP2_CANCEL);
    shutdown();
  }

 private:
  [[nodiscard]] Result<Received> receive() const {
    if (stream_.flow_ended_) return fail(Errc::closed);
    return Received{.drained = true};
  }

  Http2Stream& stream_;
};

// --- the request --------------------------------------------------------------------------------------------------

bool Http2Stream::add_field(std::string_view name, std::string_view value) {
  field_bytes_ += name.size() + value.size() + 32;  // as RFC 9113 section 6.5.2 counts
  if (field_bytes_ > kMostFieldBytes) return false;
  if (field_bytes_ > kMostHeadBytes) return true;  // complete() refuses it
  if (name == ":method") {
    method_ = value;
  } else if (name == ":path") {
    path_ = value;
  } else if (name == ":authority") {
    authority_ = value;
  } else if (!name.starts_with(':') && (name != "host" || authority_.empty())) {
    fmt::format_to(std::back_inserter(fields_), "{}: {}\r\n", name, value);
  }
  return true;
}

void Http2Stream::add_body(BytesView bytes, bool keep) {
  body_too_large_ = body_too_large_ || !keep || body_.size() + bytes.size() > kMostBodyBytes;
  if (body_too_large_) {
    Bytes().swap(body_);
  } else {
    body_.insert(body_.end(), bytes.begin(), bytes.end());
  }
}

void Http2Stream::refuse(unsigned status, std::string_view why) {
  response_ = HttpResponse::text(status, why);
  submit();
}

void Http2Stream::submit() {
  size_ = response_.body.size();
  if (has_body() && !flows_) pace_.emplace(response_.body, Pace::Limits(), Shard::current().now());
  session_.submit(*this);
}

void Http2Stream::complete() {
  if (std::exchange(complete_, true)) return;
  if (field_bytes_ > kMostHeadBytes) return refuse(431, "the request's head is larger than 16 KiB\n");
  if (body_too_large_) return refuse(413, "the request's body is larger than 1 MiB\n");
  head_ = fmt::format("{} {} HTTP/1.1\r\n", method_, path_);
  if (!authority_.empty()) fmt::format_to(std::back_inserter(head_), "Host: {}\r\n", authority_);
  head_ += std::exchange(fields_, {});
  head_ += "\r\n";
  for (std::string* text : {&method_, &path_, &authority_}) std::string().swap(*text);
  auto parsed = parse_http_head(as_bytes(head_));
  if (!parsed || !*parsed) return refuse(400, "not a valid request\n");
  request_ = std::move((*parsed)->request);
  request_.peer = session_.peer();
  request_.tls_version = session_.tls_version();
  request_.body = as_text(body_);
  task_.spawn(answer());
}

Task<void> Http2Stream::answer() {
  response_ = co_await session_.handler()(request_);
  spare_known(request_, response_);
  head_only_ = request_.method == "HEAD" || response_.status == 304 || response_.status == 204;
  flows_ = response_.takeover && !head_only_;
  submit();
  if (!flows_) co_return;
  TcpSocket socket = TcpSocket::over(std::make_unique<Flow>(*this), session_.peer());
  flow_events_ = &socket.events();
  auto takeover = std::exchange(response_.takeover, {});
  co_await takeover(socket);
  socket.shutdown();
  flow_events_ = nullptr;
}

// --- the answer ---------------------------------------------------------------------------------------------------

bool Http2Stream::has_body() const { return flows_ || (!head_only_ && size_ > 0); }

std::size_t Http2Stream::offer(std::size_t most, bool& last) {
  if (!flows_) {
    const auto n = std::min<std::uint64_t>(most, size_ - at_);
    last = at_ + n == size_;
    return n;
  }
  if (offered_.length > 0) return std::min(most, offered_.length);
  last = flow_ended_;
  if (std::exchange(wants_room_, false) && flow_events_ != nullptr) flow_events_->on_io(EPOLLOUT);
  return 0;
}

void Http2Stream::take(std::size_t size, std::vector<Range>& to) {
  if (flows_) {
    if (size == 0) return;
    to.push_back(offered_);
    to.back().length = size;
    offered_.drop_front(size);
    return;
  }
  std::uint64_t skip = std::exchange(at_, at_ + size);
  for (Range range : response_.body.ranges) {
    const auto before = std::min<std::uint64_t>(skip, range.length);
    skip -= before;
    range.drop_front(before);
    range.length = std::min(range.length, size);
    size -= range.length;
    if (range.length > 0) to.push_back(range);
  }
}

Result<void> Http2Stream::look(std::uint64_t taken, SteadyTime now) {
  pace_->on_taken(taken);
  return pace_->may_wait(now);
}

void Http2Stream::close() {
  flow_ended_ = true;
  if (auto told = std::exchange(response_.sent, nullptr)) told(response_.status, at_);
  if (flow_events_ != nullptr) flow_events_->on_io(EPOLLIN | EPOLLHUP | EPOLLOUT);
}

}  // namespace sluice::net
