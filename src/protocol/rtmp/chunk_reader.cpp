#include "protocol/rtmp/chunk_reader.hpp"

#include <algorithm>

#include "protocol/rtmp/chunk_format.hpp"
#include "protocol/rtmp/errc.hpp"

namespace sluice::rtmp {
namespace {

/// The least a body grows by, so that small chunks do not make many allocations.
constexpr std::size_t kLeastGrowth = 4096;

/// The basic header: section 5.3.1.1.
struct BasicHeader {
  unsigned format = 0;  ///< of the message header that follows, 0 to 3
  std::uint32_t chunk_stream = 0;
  std::size_t bytes = 0;
};

std::optional<BasicHeader> basic_header(BytesView head) {
  ByteReader r(head);
  const unsigned first = r.u8();
  BasicHeader header{.format = first >> 6, .chunk_stream = first & 0x3f, .bytes = 1};
  if (header.chunk_stream == kTwoByteId) {
    header.chunk_stream = kFirstLongId + r.u8();
    header.bytes = 2;
  } else if (header.chunk_stream == kThreeByteId) {
    const std::uint32_t low = r.u8();
    header.chunk_stream = kFirstLongId + low + (std::uint32_t{r.u8()} << 8);
    header.bytes = 3;
  }
  return r.ok() ? std::optional(header) : std::nullopt;
}

}  // namespace

Result<std::optional<Message>> ChunkReader::next(BytesView& in) {
  while (true) {
    if (!current_) {
      auto bytes = header_bytes();
      while (!bytes && !in.empty()) {
        head_.push_back(in.front());
        in = in.subspan(1);
        bytes = header_bytes();
      }
      if (!bytes) return std::nullopt;
      if (auto begun = begin_chunk(*bytes); !begun) return fail(begun.error());
    }

    // Only an extended timestamp that turned out to be none leaves payload in `head_`.
    BytesView rest(head_);
    if (auto taken = take_payload(rest); !taken) return fail(taken.error());
    head_.erase(head_.begin(), head_.end() - static_cast<std::ptrdiff_t>(rest.size()));
    if (auto taken = take_payload(in); !taken) return fail(taken.error());
    if (chunk_left_ > 0) return std::nullopt;

    ChunkStream& stream = *std::exchange(current_, nullptr);
    if (stream.body.size() < stream.length) continue;
    Message message = finish(stream);
    const auto obeyed = obey(message);
    if (!obeyed) return fail(obeyed.error());
    if (!*obeyed) return message;
  }
}

std::optional<std::size_t> ChunkReader::header_bytes() const {
  const auto basic = basic_header(head_);
  if (!basic) return std::nullopt;
  const auto plain = basic->bytes + kMessageHeaderBytes[basic->format];
  if (head_.size() < plain) return std::nullopt;

  if (basic->format < 3) {
    ByteReader r(BytesView(head_).subspan(basic->bytes));
    const auto whole = plain + (r.be24() == kExtended ? 4 : 0);
    return head_.size() < whole ? std::nullopt : std::optional(whole);
  }

  // Section 5.3.1.3 repeats the extended timestamp in chunks of type 3, but many encoders do not. It is there when the
  // four bytes are the ones sent before.
  const auto stream = streams_.find(basic->chunk_stream);
  if (stream == streams_.end() || !stream->second.extended) return plain;
  for (std::size_t i = 0; i < 4; ++i) {
    if (head_.size() == plain + i) return std::nullopt;
    if (head_[plain + i] != static_cast<std::byte>(*stream->second.extended >> (24 - 8 * i))) return plain;
  }
  return plain + 4;
}

Result<void> ChunkReader::begin_chunk(std::size_t bytes) {
  const auto basic = *basic_header(head_);
  auto found = streams_.find(basic.chunk_stream);
  if (found == streams_.end()) {
    // Encoders of the librtmp family begin a chunk stream with type 1: message stream 0 is meant.
    if (basic.format > 1) return fail(Errc::bad_chunk_header);
    if (streams_.size() >= limits_.chunk_streams) return fail(Errc::too_many_chunk_streams);
    found = streams_.try_emplace(basic.chunk_stream).first;
  }
  ChunkStream& stream = found->second;
  if (!stream.unfinished) {
    const ByteReader header(BytesView(head_).first(bytes).subspan(basic.bytes));
    if (auto begun = begin_message(stream, basic.format, header); !begun) return begun;
  } else if (basic.format != 3) {
    return fail(Errc::unfinished_message);
  }
  head_.erase(head_.begin(), head_.begin() + static_cast<std::ptrdiff_t>(bytes));
  current_ = &stream;
  chunk_left_ = std::min<std::size_t>(chunk_bytes_, stream.length - stream.body.size());
  return {};
}

Result<void> ChunkReader::begin_message(ChunkStream& to, unsigned format, ByteReader header) {
  if (format < 3) {
    auto stamp = header.be24();
    if (format < 2) {
      to.length = header.be24();
      to.type = static_cast<MessageType>(header.u8());
    }
    if (format < 1) to.stream = header.le32();
    const bool extended = stamp == kExtended;
    if (extended) stamp = header.be32();
    to.extended = extended ? std::optional(stamp) : std::nullopt;

    // A type 3 header after a type 0 one repeats its stamp as delta (section 5.3.1.2.4), which no sender means that has
    // come to extended timestamps: these repeat the absolute stamp.
    to.delta = format == 0 && extended ? 0 : stamp;
    to.timestamp = format == 0 ? stamp : to.timestamp + stamp;
  } else {
    to.timestamp += to.delta;
  }
  if (to.length > limits_.message_bytes) return fail(Errc::message_too_large);
  to.unfinished = true;
  return {};
}

Result<void> ChunkReader::take_payload(BytesView& from) {
  const auto n = std::min(chunk_left_, from.size());
  if (n == 0) return {};
  if (unfinished_bytes_ + n > limits_.unfinished_bytes) return fail(Errc::too_much_unfinished);
  Bytes& body = current_->body;
  if (const auto wanted = body.size() + n; wanted > body.capacity()) {
    body.reserve(std::min<std::size_t>(current_->length, std::max({wanted, 2 * body.capacity(), kLeastGrowth})));
  }
  body.insert(body.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(n));
  from = from.subspan(n);
  chunk_left_ -= n;
  unfinished_bytes_ += n;
  return {};
}

Message ChunkReader::finish(ChunkStream& from) {
  unfinished_bytes_ -= from.body.size();
  from.unfinished = false;
  return {.type = from.type,
          .stream = from.stream,
          .timestamp = from.timestamp,
          .body = Payload::own(std::exchange(from.body, {}))};
}

Result<bool> ChunkReader::obey(const Message& message) {
  if (message.type != MessageType::set_chunk_size && message.type != MessageType::abort) return false;
  ByteReader r(message.body.view());
  const auto value = r.be32();
  if (!r.ok()) return fail(Errc::truncated);

  if (message.type == MessageType::set_chunk_size) {
    if (value == 0 || value > kMaxChunkBytes) return fail(Errc::bad_chunk_size);
    chunk_bytes_ = value;
  } else if (const auto aborted = streams_.find(value); aborted != streams_.end()) {
    unfinished_bytes_ -= aborted->second.body.size();
    aborted->second.body = {};
    aborted->second.unfinished = false;
  }
  return true;
}

}  // namespace sluice::rtmp
