#include "net/websocket.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#include "net/errc.hpp"

namespace sluice::net {
namespace {

constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kClose = 8;
constexpr std::uint8_t kPong = 10;
constexpr std::size_t kMostFrame = UINT16_MAX;
constexpr std::size_t kMostControl = 1024;  // that a client who does not read may have us keep
constexpr std::size_t kMostRanges = 16;

Range range_of(BytesView bytes) { return {.length = bytes.size(), .memory = bytes.data()}; }

}  // namespace

std::string websocket_accept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string out(4 * ((digest.size() + 2) / 3) + 1, '\0');
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), digest.data(), digest.size());
  out.resize(static_cast<std::size_t>(n));
  return out;
}

// --- sending ------------------------------------------------------------------------------------------------------

/// True when no frame of ours is left to be sent before the next.
Result<bool> WebSocketTransport::send_control() {
  while (control_sent_ < control_.size()) {
    const Range rest = range_of(BytesView(control_).subspan(control_sent_));
    const auto n = under_->send({&rest, 1}, false);
    if (!n) return std::unexpected(n.error());
    if (*n == 0) return false;
    control_sent_ += *n;
  }
  Bytes().swap(control_);
  control_sent_ = 0;
  return true;
}

Result<std::size_t> WebSocketTransport::send(std::span<const Range> ranges, bool more_follows) {
  std::size_t offered = 0;
  for (const Range& range : ranges) offered += range.length;
  if (offered == 0) return std::size_t{0};
  if (closed_) return fail(Errc::closed);
  const bool fresh = frame_left_ == 0;
  if (fresh) {
    const auto clear = send_control();
    if (!clear) return std::unexpected(clear.error());
    if (!*clear) return std::size_t{0};
    frame_left_ = std::min(offered, kMostFrame);
    head_[0] = std::byte{kFin | kBinary};
    if (frame_left_ < 126) {
      head_[1] = static_cast<std::byte>(frame_left_);
      head_size_ = 2;
    } else {
      head_[1] = std::byte{126};
      head_[2] = static_cast<std::byte>(frame_left_ >> 8);
      head_[3] = static_cast<std::byte>(frame_left_ & 0xff);
      head_size_ = 4;
    }
    head_sent_ = 0;
  }
  std::array<Range, kMostRanges> all;
  std::size_t count = 0;
  const std::size_t head_left = head_size_ - head_sent_;
  if (head_left > 0) all[count++] = range_of(BytesView(head_).subspan(head_sent_, head_left));
  std::size_t room = frame_left_;
  for (Range range : ranges) {
    range.length = std::min(range.length, room);
    room -= range.length;
    if (range.length > 0 && count < kMostRanges) all[count++] = range;
  }
  const auto n = under_->send(std::span(all).first(count), more_follows);
  if (!n) return n;
  if (*n == 0 && fresh) {  // it was never begun
    frame_left_ = head_size_ = 0;
    return n;
  }
  const auto of_head = std::min(*n, head_left);
  head_sent_ += of_head;
  frame_left_ -= *n - of_head;
  // The head may go alone although there is room: what comes from a file leaves by another call.
  if (of_head > 0 && *n == head_left) return send(ranges, more_follows);
  return *n - of_head;
}

Result<bool> WebSocketTransport::flush() {
  if (frame_left_ == 0) {
    const auto clear = send_control();
    if (!clear || !*clear) return clear;
  }
  return under_->flush();
}

/// Queues a control frame.
void WebSocketTransport::answer(std::uint8_t opcode, BytesView payload) {
  if (control_.size() + payload.size() + 2 > kMostControl) return;
  control_.push_back(static_cast<std::byte>(kFin | opcode));
  control_.push_back(static_cast<std::byte>(payload.size()));
  control_.insert(control_.end(), payload.begin(), payload.end());
}

// --- receiving ----------------------------------------------------------------------------------------------------

/// Takes frames apart in place; how many bytes of data are at the front of `in` then.
Result<std::size_t> WebSocketTransport::take(std::span<std::byte> in) {
  std::byte* const front = in.data();
  std::size_t kept = 0;
  for (;;) {
    const auto event = reader_.next(in);
    if (!event) return std::unexpected(event.error());
    if (!*event) return kept;
    const auto bytes = (*event)->bytes;
    switch ((*event)->kind) {
      case WebSocketReader::Kind::data:
        std::memmove(front + kept, bytes.data(), bytes.size());
        kept += bytes.size();
        break;
      case WebSocketReader::Kind::ping: answer(kPong, bytes); break;
      case WebSocketReader::Kind::pong: break;
      case WebSocketReader::Kind::close:
        if (!closed_) answer(kClose, bytes.first(bytes.size() >= 2 ? 2 : 0));
        closed_ = true;
        return kept;
    }
  }
}

Result<Transport::Received> WebSocketTransport::receive(std::span<std::byte> into) {
  for (;;) {
    const auto got = under_->receive(into);
    if (!got) return got;
    const auto data = take(into.first(got->bytes));
    if (!control_.empty()) {
      if (const auto ok = flush(); !ok) return std::unexpected(ok.error());
    }
    if (!data) return std::unexpected(data.error());
    if (closed_ && *data == 0) return fail(Errc::closed);
    if (*data > 0 || got->drained) return Received{.bytes = *data, .drained = got->drained && !closed_};
  }
}

Result<Transport::Received> WebSocketTransport::discard(std::size_t most) {
  std::array<std::byte, 2048> ignored;
  return receive(std::span(ignored).first(std::min(most, ignored.size())));
}

void WebSocketTransport::shutdown() {
  constexpr std::array kGoingAway{std::byte{1001 >> 8}, std::byte{1001 & 0xff}};  // section 7.4.1
  if (!std::exchange(closed_, true)) answer(kClose, kGoingAway);
  static_cast<void>(flush());
  under_->shutdown();
}

}  // namespace sluice::net
