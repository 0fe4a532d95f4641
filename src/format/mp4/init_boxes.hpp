#pragma once

#include <array>
#include <cstdint>

#include "format/mp4/box.hpp"

/// The boxes of an init segment that have fields (ISO/IEC 14496-12 8.2 to 8.8). Creation times and durations are 0:
/// a live presentation has none, and the same tracks shall give the same bytes.
namespace sluice::mp4 {

inline constexpr auto kUnityMatrix = [] {
  std::array<std::uint8_t, 36> m{};
  m[1] = m[17] = 1;  // 16.16 fixed point one
  m[32] = 0x40;      // 2.30 fixed point one
  return m;
}();

struct MovieHeader {  // 8.2.2
  static constexpr FourCC kType = fourcc("mvhd");
  std::uint32_t timescale = 90'000;
  std::uint32_t next_track_id = 0;
};
template <class Io>
void visit(MovieHeader& b, Io& io) {
  static constexpr std::array<std::uint8_t, 6> kRateAndVolume{0, 1, 0, 0, 1, 0};
  io.zeros(12);  // version 0, flags, creation and modification time
  io.be32(b.timescale);
  io.zeros(4);  // duration
  io.fixed(kRateAndVolume);
  io.zeros(10);  // reserved
  io.fixed(kUnityMatrix);
  io.zeros(24);  // pre_defined
  io.be32(b.next_track_id);
}

struct TrackHeader {  // 8.3.2
  static constexpr FourCC kType = fourcc("tkhd");
  static constexpr std::uint32_t kEnabledInMovieAndPreview = 7;
  std::uint8_t version = 0;
  std::uint32_t flags = kEnabledInMovieAndPreview;
  std::uint64_t time = 0;  // creation, modification, duration
  std::uint32_t track_id = 0;
  std::uint16_t volume = 0;  // 8.8 fixed point
  std::uint32_t width = 0;   // 16.16 fixed point
  std::uint32_t height = 0;
};
template <class Io>
void visit(TrackHeader& b, Io& io) {
  io.u8(b.version);
  io.be24(b.flags);
  visit_sized(b.version, b.time, io);
  visit_sized(b.version, b.time, io);
  io.be32(b.track_id);
  io.zeros(4);
  visit_sized(b.version, b.time, io);
  io.zeros(12);  // reserved, layer, alternate_group
  io.be16(b.volume);
  io.zeros(2);
  io.fixed(kUnityMatrix);
  io.be32(b.width);
  io.be32(b.height);
}

struct MediaHeader {  // 8.4.2
  static constexpr FourCC kType = fourcc("mdhd");
  std::uint8_t version = 0;
  std::uint64_t time = 0;  // creation, modification, duration
  std::uint32_t timescale = 0;
  std::uint16_t language = 0;
};
template <class Io>
void visit(MediaHeader& b, Io& io) {
  io.u8(b.version);
  io.zeros(3);
  visit_sized(b.version, b.time, io);
  visit_sized(b.version, b.time, io);
  io.be32(b.timescale);
  visit_sized(b.version, b.time, io);
  io.be16(b.language);
  io.zeros(2);
}

struct Handler {  // 8.4.3, with an empty name
  static constexpr FourCC kType = fourcc("hdlr");
  FourCC type = 0;
};
template <class Io>
void visit(Handler& b, Io& io) {
  io.zeros(8);
  io.be32(b.type);
  io.zeros(13);  // reserved, and the end of the name
}

struct DataEntryUrl {  // 8.7.2: the media is in the same file
  static constexpr FourCC kType = fourcc("url ");
};
template <class Io>
void visit(DataEntryUrl&, Io& io) {
  static constexpr std::array<std::uint8_t, 4> kSelfContained{0, 0, 0, 1};
  io.fixed(kSelfContained);
}

struct VideoMediaHeader {  // 12.1.2
  static constexpr FourCC kType = fourcc("vmhd");
};
template <class Io>
void visit(VideoMediaHeader&, Io& io) {
  static constexpr std::array<std::uint8_t, 4> kFlags{0, 0, 0, 1};
  io.fixed(kFlags);
  io.zeros(8);
}

struct TrackExtends {  // 8.8.3
  static constexpr FourCC kType = fourcc("trex");
  std::uint32_t track_id = 0;
  std::uint32_t description_index = 1;
  std::uint32_t duration = 0;
  std::uint32_t size = 0;
  std::uint32_t flags = 0;
};
template <class Io>
void visit(TrackExtends& b, Io& io) {
  io.zeros(4);
  io.be32(b.track_id);
  io.be32(b.description_index);
  io.be32(b.duration);
  io.be32(b.size);
  io.be32(b.flags);
}

inline constexpr std::array<std::uint8_t, 8> kSampleEntry{0, 0, 0, 0, 0, 0, 0, 1};  // 8.5.2: data_reference_index 1

struct VisualSampleEntry {  // 12.1.3, its fields; boxes follow
  std::uint16_t width = 0;  // coded size after cropping
  std::uint16_t height = 0;
};
template <class Io>
void visit(VisualSampleEntry& b, Io& io) {
  static constexpr std::array<std::uint8_t, 14> kResolutionAndFrameCount{0, 72, 0, 0, 0, 72, 0, 0, 0, 0, 0, 0, 0, 1};
  static constexpr std::array<std::uint8_t, 4> kDepthAndPredefined{0, 24, 0xff, 0xff};
  io.fixed(kSampleEntry);
  io.zeros(16);
  io.be16(b.width);
  io.be16(b.height);
  io.fixed(kResolutionAndFrameCount);
  io.zeros(32);  // compressorname
  io.fixed(kDepthAndPredefined);
}

struct PixelAspectRatio {  // 12.1.4
  static constexpr FourCC kType = fourcc("pasp");
  std::uint32_t horizontal = 1;
  std::uint32_t vertical = 1;
};
template <class Io>
void visit(PixelAspectRatio& b, Io& io) {
  io.be32(b.horizontal);
  io.be32(b.vertical);
}

struct AudioSampleEntry {  // 12.2.3, its fields; boxes follow
  std::uint16_t channels = 0;
  std::uint16_t sample_rate = 0;  // 0 where it has more than 16 bits: then the decoder's configuration says it
};
template <class Io>
void visit(AudioSampleEntry& b, Io& io) {
  static constexpr std::array<std::uint8_t, 2> kSampleSize{0, 16};
  io.fixed(kSampleEntry);
  io.zeros(8);
  io.be16(b.channels);
  io.fixed(kSampleSize);
  io.zeros(4);
  io.be16(b.sample_rate);
  io.zeros(2);  // the fraction
}

}  // namespace sluice::mp4
