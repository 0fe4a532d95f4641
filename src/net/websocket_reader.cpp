#include "net/websocket_reader.hpp"

#include <algorithm>

#include "net/errc.hpp"

namespace sluice::net {
namespace {

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-------+-+-------------+-------------------------------+
// |F|R|R|R| opcode|M| payload len |  extended payload length      |
// |I|S|S|S|  (4)  |A|     (7)     |  (16 or 64, if len is 126/127)|
// |N|V|V|V|       |S|             |                               |
// | |1|2|3|       |K|             |  then the masking key (32)    |
// +-+-+-+-+-------+-+-------------+-------------------------------+
constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;
constexpr std::size_t kMostControl = 125;

}  // namespace

std::size_t WebSocketReader::head_size() const {
  if (head_filled_ < 2) return 2;
  const auto length = std::to_integer<std::uint8_t>(head_[1]) & ~kMasked;
  return 2U + (length == kLength16 ? 2 : length == kLength64 ? 8 : 0) + mask_.size();
}

bool WebSocketReader::is_masked() const { return (std::to_integer<std::uint8_t>(head_[1]) & kMasked) != 0; }

Result<void> WebSocketReader::read_head() {
  ByteReader in(BytesView(head_).first(head_filled_));
  const auto first = in.u8();
  const auto second = in.u8();
  left_ = second & ~kMasked;
  if (left_ == kLength16) {
    left_ = in.be16();
    if (left_ < kLength16) return fail(Errc::bad_websocket);  // section 5.2: in as few bytes as can be
  } else if (left_ == kLength64) {
    left_ = in.be64();
    if (left_ <= UINT16_MAX || left_ > INT64_MAX) return fail(Errc::bad_websocket);
  }
  std::ranges::copy(in.bytes(mask_.size()), mask_.begin());
  mask_at_ = 0;
  if ((first & kReserved) != 0 || !is_masked()) return fail(Errc::bad_websocket);

  const bool last = (first & kFin) != 0;
  const auto opcode = first & 0x0f;
  if (opcode <= 2) {
    if ((opcode == 0) != in_message_) return fail(Errc::bad_websocket);
    kind_ = Kind::data;
    in_message_ = !last;
    return {};
  }
  if (opcode < 8 || opcode > 10 || !last || left_ > kMostControl) return fail(Errc::bad_websocket);
  kind_ = opcode == 8 ? Kind::close : opcode == 9 ? Kind::ping : Kind::pong;
  control_filled_ = 0;
  return {};
}

void WebSocketReader::unmask(std::span<std::byte> bytes) {
  for (std::byte& b : bytes) b ^= mask_[mask_at_++ % mask_.size()];
}

Result<std::optional<WebSocketReader::Event>> WebSocketReader::next(std::span<std::byte>& in) {
  for (;;) {
    while (!in_payload_) {
      const auto n = std::min(in.size(), head_size() - head_filled_);
      std::ranges::copy(in.first(n), head_.begin() + static_cast<std::ptrdiff_t>(head_filled_));
      head_filled_ += n;
      in = in.subspan(n);
      if (head_filled_ < head_size()) {
        // Who does not mask sends no more than that of a head.
        if (head_filled_ >= 2 && !is_masked()) return fail(Errc::bad_websocket);
        if (in.empty()) return std::nullopt;
        continue;  // the length of the head has just become known
      }
      if (auto ok = read_head(); !ok) return std::unexpected(ok.error());
      in_payload_ = true;
    }
    const auto bytes = in.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size())));
    in = in.subspan(bytes.size());
    left_ -= bytes.size();
    unmask(bytes);
    if (left_ == 0) {
      in_payload_ = false;
      head_filled_ = 0;
    }
    if (kind_ == Kind::data) {
      if (!bytes.empty()) return Event{.kind = kind_, .bytes = bytes};
      if (left_ > 0) return std::nullopt;
      continue;  // an empty frame
    }
    std::ranges::copy(bytes, control_.begin() + static_cast<std::ptrdiff_t>(control_filled_));
    control_filled_ += bytes.size();
    if (left_ > 0) return std::nullopt;
    return Event{.kind = kind_, .bytes = std::span(control_).first(control_filled_)};
  }
}

}  // namespace sluice::net
