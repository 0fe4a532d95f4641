#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "format/flv/message.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

/// Writes FLV. A flow puts together: file header, metadata, the sequence headers of its tracks, then a tag for each
/// frame. RTMP sends the same bodies in its own messages. Adobe FLV v10.1 annex E.
namespace sluice::flv {

/// True where FLV has an id for the codec. The other functions REQUIRE it of the tracks they are given.
bool carries(const media::Codec& codec);

/// The milliseconds of a stamp, nearest, modulo 2^32.
std::uint32_t timestamp_ms(Ticks time);

/// The FLV header and the PreviousTagSize0 behind it.
void write_file_header(ByteWriter& out, bool audio, bool video);

/// The script data "onMetaData" that describes the first video and the first audio track FLV can carry.
Bytes metadata_body(const media::Tracks& tracks);

/// The body that goes before the frames of `track`; nothing for codecs that need none (MP3).
std::optional<Bytes> sequence_header_body(const media::Track& track);

/// What stands in a tag's body before the frame's payload.
struct FramePrefix {
  std::array<std::byte, 5> bytes{};
  std::size_t size = 0;

  [[nodiscard]] BytesView view() const { return BytesView(bytes).first(size); }
};
FramePrefix frame_prefix(const media::Track& track, const media::Frame& frame);

/// Bytes of a tag around its body.
inline constexpr std::size_t kTagHeaderSize = 11;
inline constexpr std::size_t kTagTrailerSize = 4;
/// The largest body: its length has 24 bits.
inline constexpr std::size_t kMaxBodySize = 0xff'ffff;

/// The 11 bytes of a tag before a body of `body_size` bytes. REQUIRES: body_size <= kMaxBodySize.
std::array<std::byte, kTagHeaderSize> tag_header(Message::Type type, std::uint32_t ms, std::size_t body_size);

/// Appends a whole tag, PreviousTagSize included; its body is the spans in a row. Same requirement.
void write_tag(ByteWriter& out, Message::Type type, std::uint32_t ms, std::span<const BytesView> body);
inline void write_tag(ByteWriter& out, Message::Type type, std::uint32_t ms, std::initializer_list<BytesView> body) {
  write_tag(out, type, ms, std::span<const BytesView>(body.begin(), body.size()));
}

}  // namespace sluice::flv
