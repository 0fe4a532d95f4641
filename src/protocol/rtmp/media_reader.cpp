#include "protocol/rtmp/media_reader.hpp"

#include <algorithm>
#include <utility>

#include "core/bytes.hpp"
#include "protocol/rtmp/errc.hpp"

namespace sluice::rtmp {
namespace {

/// The AMF 0 string "@setDataFrame": keep what follows for later players. "@clearDataFrame" drops it.
constexpr std::string_view kSetDataFrame("\x02\x00\x0d@setDataFrame", 16);
constexpr std::string_view kClearDataFrame("\x02\x00\x0f@clearDataFrame", 18);

bool begins_with(const Payload& body, std::string_view text) { return as_text(body.view()).starts_with(text); }

Payload without_front(const Payload& body, std::size_t n) { return body.sub(n, body.size() - n); }

/// `message` as FLV, or nothing where it carries no media.
std::optional<flv::Message> flv_message(const Message& message) {
  switch (message.type) {
    case MessageType::audio:
    case MessageType::video:
      return flv::Message{static_cast<flv::Message::Type>(message.type), message.timestamp, message.body};
    case MessageType::data:
    case MessageType::data_amf3: {
      auto body = message.body;
      // As in commands: AMF 0 values behind a byte 0.
      if (message.type == MessageType::data_amf3 && begins_with(body, std::string_view("\0", 1))) {
        body = without_front(body, 1);
      }
      if (begins_with(body, kClearDataFrame)) return std::nullopt;
      if (begins_with(body, kSetDataFrame)) body = without_front(body, kSetDataFrame.size());
      return flv::Message{flv::Message::Type::script, message.timestamp, std::move(body)};
    }
    default: return std::nullopt;
  }
}

}  // namespace

void MediaReader::push(Message message) {
  pending_ = std::move(message);
  at_ = 0;
}

Result<std::optional<flv::Message>> MediaReader::next() {
  if (!pending_) return std::nullopt;
  if (pending_->type != MessageType::aggregate) return flv_message(*std::exchange(pending_, std::nullopt));

  // | type (1) | length (3) | timestamp (3) | its top bits (1) | message stream id (3) | body | back pointer (4) | ...
  while (at_ < pending_->body.size()) {
    ByteReader r(pending_->body.view().subspan(at_));
    Message part{.type = static_cast<MessageType>(r.u8()), .stream = pending_->stream};
    const auto length = r.be24();
    part.timestamp = r.be24();
    part.timestamp |= std::uint32_t{r.u8()} << 24;
    r.skip(3);
    const auto body_at = pending_->body.size() - r.left();
    r.skip(length);
    if (!r.ok()) return fail(Errc::truncated);
    if (at_ == 0) shift_ = pending_->timestamp - part.timestamp;
    part.timestamp += shift_;
    part.body = pending_->body.sub(body_at, length);
    r.skip(std::min<std::size_t>(4, r.left()));  // the last back pointer is not always there
    at_ = pending_->body.size() - r.left();
    if (auto made = flv_message(part)) return made;
  }
  pending_.reset();
  return std::nullopt;
}

}  // namespace sluice::rtmp
