#include "format/flv/writer.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "format/amf/amf.hpp"
#include "format/flv/codecs.hpp"

namespace sluice::flv {

namespace {

const CodecRow& row_of(const media::Track& track) {
  const CodecRow* row = find_row(*track.codec);
  SLUICE_ASSERT(row != nullptr, "a track that FLV cannot carry is given to its writer");
  return *row;
}

/// SoundFormat, SoundRate, SoundSize and SoundType, annex E.4.2.1.
std::uint8_t audio_byte(const media::Track& track, const CodecRow& row) {
  constexpr unsigned k16Bit = 2, kStereo = 1;
  // Always said of AAC, whose own config decides.
  if (row.packet_type) return static_cast<std::uint8_t>(row.id << 4 | 3 << 2 | k16Bit | kStereo);
  const std::uint32_t sample_rate = track.details.sample_rate;
  const unsigned rate = sample_rate > 22'050 ? 3 : sample_rate > 11'025 ? 2 : sample_rate > 5'512 ? 1 : 0;
  return static_cast<std::uint8_t>(row.id << 4 | rate << 2 | k16Bit | (track.details.channels > 1 ? kStereo : 0));
}

std::uint8_t video_byte(const CodecRow& row, bool key) {
  return static_cast<std::uint8_t>((key ? kKeyFrame : kInterFrame) << 4 | row.id);
}

FramePrefix prefix(const media::Track& track, std::uint8_t packet_type, bool key, std::uint32_t composition_ms) {
  const CodecRow& row = row_of(track);
  FramePrefix out;
  const auto put = [&](std::uint32_t byte) { out.bytes[out.size++] = static_cast<std::byte>(byte); };
  put(row.type == Message::Type::video ? video_byte(row, key) : audio_byte(track, row));
  if (!row.packet_type) return out;
  put(packet_type);
  if (row.type == Message::Type::video) {
    for (const unsigned shift : {16, 8, 0}) put(composition_ms >> shift);
  }
  return out;
}

const media::Track* first_carried(const media::Tracks& tracks, Message::Type type) {
  const auto found = std::ranges::find_if(tracks, [&](const media::Track& track) {
    const CodecRow* row = find_row(*track.codec);
    return row && row->type == type;
  });
  return found == tracks.end() ? nullptr : &*found;
}

}  // namespace

bool carries(const media::Codec& codec) { return find_row(codec) != nullptr; }

std::uint32_t timestamp_ms(Ticks time) { return static_cast<std::uint32_t>(to_rate(time, 1000)); }

void write_file_header(ByteWriter& out, bool audio, bool video) {
  constexpr std::uint8_t kVersion = 1, kAudio = 4, kVideo = 1;
  constexpr std::uint32_t kHeaderSize = 9;
  out.text("FLV");
  out.u8(kVersion);
  out.u8((audio ? kAudio : 0) | (video ? kVideo : 0));
  out.be32(kHeaderSize);
  out.be32(0);  // PreviousTagSize0
}

// Annex E.5.
Bytes metadata_body(const media::Tracks& tracks) {
  amf::Object members;
  const auto add = [&](const char* name, amf::Value value) { members.emplace_back(name, std::move(value)); };
  const media::Track* video = first_carried(tracks, Message::Type::video);
  const media::Track* audio = first_carried(tracks, Message::Type::audio);
  add("hasVideo", video != nullptr);
  add("hasAudio", audio != nullptr);
  if (video) {
    add("videocodecid", row_of(*video).id);
    add("width", video->details.pixel_width);
    add("height", video->details.pixel_height);
    if (video->details.fps > 0) add("framerate", video->details.fps);
    if (video->bitrate != 0) add("videodatarate", video->bitrate / 1000.0);
  }
  if (audio) {
    add("audiocodecid", row_of(*audio).id);
    add("audiosamplerate", audio->details.sample_rate);
    add("audiosamplesize", 16);
    add("stereo", audio->details.channels > 1);
    if (audio->bitrate != 0) add("audiodatarate", audio->bitrate / 1000.0);
  }
  Bytes out;
  ByteWriter w(out);
  amf::write_amf0(w, "onMetaData");
  amf::write_amf0_ecma_array(w, members);
  return out;
}

std::optional<Bytes> sequence_header_body(const media::Track& track) {
  if (!row_of(track).packet_type) return std::nullopt;
  Bytes out;
  ByteWriter w(out);
  w.bytes(prefix(track, kSequenceHeader, true, 0).view());
  w.bytes(track.config.view());
  return out;
}

FramePrefix frame_prefix(const media::Track& track, const media::Frame& frame) {
  constexpr std::int64_t kLargest = 0x7f'ffff;  // composition times are signed
  const std::int64_t composition = to_rate(frame.pts, 1000) - to_rate(frame.dts, 1000);
  return prefix(track, kFrames, frame.random_access,
                static_cast<std::uint32_t>(std::clamp<std::int64_t>(composition, 0, kLargest)));
}

std::array<std::byte, kTagHeaderSize> tag_header(Message::Type type, std::uint32_t ms, std::size_t body_size) {
  SLUICE_ASSERT(body_size <= kMaxBodySize, "the length of an FLV tag has 24 bits");
  const auto size = static_cast<std::uint32_t>(body_size);
  const auto byte = [](std::uint32_t value, unsigned shift) { return static_cast<std::byte>(value >> shift); };
  return {static_cast<std::byte>(type),
          byte(size, 16),
          byte(size, 8),
          byte(size, 0),
          byte(ms, 16),
          byte(ms, 8),
          byte(ms, 0),
          byte(ms, 24)};  // TimestampExtended, then the StreamID, 0
}

void write_tag(ByteWriter& out, Message::Type type, std::uint32_t ms, std::span<const BytesView> body) {
  std::size_t size = 0;
  for (const BytesView part : body) size += part.size();
  out.bytes(tag_header(type, ms, size));
  for (const BytesView part : body) out.bytes(part);
  out.be32(kTagHeaderSize + size);
}

}  // namespace sluice::flv
