#include "load/http_answer.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "load/errc.hpp"

namespace sluice::load {
namespace {

// What 64 bits hold. Some servers announce one chunk of that size and send for ever.
constexpr unsigned kMostSizeDigits = 16;
constexpr std::size_t kMostTrailerBytes = 4096;

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// True where the comma-separated list has the word; `word` in lower case.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (same_name(trim(list.substr(0, comma)), word)) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

template <class T>
bool read_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "HTTP/1.1 200 OK"
bool read_status_line(std::string_view line, AnswerHead& head) {
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return false;
  if (line[7] != '0' && line[7] != '1') return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  head.keep_alive = line[7] == '1';
  return read_number(line.substr(9, 3), head.status) && head.status >= 100 && head.status <= 599;
}

bool read_field(std::string_view line, AnswerHead& head) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto name = line.substr(0, colon);
  const auto value = trim(line.substr(colon + 1));
  if (same_name(name, "content-length")) {
    std::uint64_t length = 0;
    if (!read_number(value, length) || (head.content_length && *head.content_length != length)) return false;
    head.content_length = length;
  } else if (same_name(name, "transfer-encoding")) {
    if (!same_name(value, "chunked")) return false;
    head.chunked = true;
  } else if (same_name(name, "connection")) {
    if (lists(value, "close")) head.keep_alive = false;
    if (lists(value, "keep-alive")) head.keep_alive = true;
  }
  return true;
}

bool has_no_body(unsigned status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

Result<std::optional<AnswerHead>> parse_answer_head(BytesView in) {
  const auto text = as_text(in.first(std::min(in.size(), kMostAnswerHeadBytes)));
  const auto end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (in.size() >= kMostAnswerHeadBytes) return fail(Errc::answer_too_large);
    constexpr std::string_view kBegin = "HTTP/1.";
    if (text.substr(0, kBegin.size()) != kBegin.substr(0, text.size())) return fail(Errc::bad_answer);
    return std::nullopt;
  }
  AnswerHead head{.size = end + 4};
  auto rest = text.substr(0, end + 2);
  for (bool first = true; !rest.empty(); first = false) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    if (!(first ? read_status_line(line, head) : read_field(line, head))) return fail(Errc::bad_answer);
  }
  if (head.chunked && head.content_length) return fail(Errc::bad_answer);
  if (has_no_body(head.status)) {
    head.chunked = false;
    head.content_length = 0;
  }
  // A body that ends with the connection leaves nothing to ask on.
  if (!head.chunked && !head.content_length) head.keep_alive = false;
  return head;
}

AnswerBody::AnswerBody(const AnswerHead& head) : left_(head.content_length.value_or(0)) {
  if (head.chunked) {
    state_ = State::chunk_size;
  } else if (head.content_length) {
    state_ = left_ == 0 ? State::done : State::counted;
  } else {
    state_ = State::endless;
  }
}

std::uint64_t AnswerBody::plain_bytes() const {
  if (state_ == State::endless) return std::numeric_limits<std::uint64_t>::max();
  return state_ == State::counted || state_ == State::chunk ? left_ : 0;
}

void AnswerBody::skip(std::uint64_t n) {
  if (state_ == State::endless) return;
  left_ -= n;
  if (left_ == 0) state_ = state_ == State::counted ? State::done : State::chunk_end;
}

BytesView AnswerBody::take(BytesView& in) {
  const auto out = in.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size())));
  in = in.subspan(out.size());
  skip(out.size());
  return out;
}

Result<BytesView> AnswerBody::next(BytesView& in) {
  while (!in.empty() && !done()) {
    if (state_ == State::endless) return std::exchange(in, BytesView());
    if (state_ == State::counted || state_ == State::chunk) return take(in);
    const auto byte = std::to_integer<std::uint8_t>(in.front());
    in = in.subspan(1);
    if (auto ok = take_framing(byte); !ok) return fail(ok.error());
  }
  return BytesView();
}

Result<void> AnswerBody::end_of_size() {
  if (digits_ == 0) return fail(Errc::bad_answer);
  digits_ = 0;
  line_ = 0;
  state_ = left_ == 0 ? State::trailer : State::chunk;
  return {};
}

// A byte around the chunks: RFC 9112 section 7.1. A line feed ends a line, whether or not a carriage return was before.
Result<void> AnswerBody::take_framing(std::uint8_t byte) {
  switch (state_) {
    case State::chunk_size: {
      const auto lower = static_cast<std::uint8_t>(byte | 0x20);
      if (byte >= '0' && byte <= '9') {
        left_ = left_ * 16 + (byte - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        left_ = left_ * 16 + (lower - 'a' + 10u);
      } else if (byte == '\n') {
        return end_of_size();
      } else if (byte == ';' || byte == '\r' || byte == ' ') {
        state_ = State::chunk_extension;
        return {};
      } else {
        return fail(Errc::bad_answer);
      }
      return ++digits_ > kMostSizeDigits ? Result<void>(fail(Errc::bad_answer)) : Result<void>();
    }
    case State::chunk_extension:
      if (byte == '\n') return end_of_size();
      return ++line_ > kMostTrailerBytes ? Result<void>(fail(Errc::answer_too_large)) : Result<void>();
    case State::chunk_end:
      if (byte == '\n') state_ = State::chunk_size;
      return byte == '\n' || byte == '\r' ? Result<void>() : Result<void>(fail(Errc::bad_answer));
    case State::trailer:
      if (++trailers_ > kMostTrailerBytes) return fail(Errc::answer_too_large);
      if (byte == '\n') {
        if (line_ == 0) state_ = State::done;
        line_ = 0;
      } else if (byte != '\r') {
        ++line_;
      }
      return {};
    default: return {};
  }
}

}  // namespace sluice::load
