#pragma once

#include <cstdint>

#include "format/mp4/box.hpp"

/// The boxes of a movie fragment that have fields (ISO/IEC 14496-12 8.8), and our own `futc`.
namespace sluice::mp4 {

struct MovieFragmentHeader {  // 8.8.5
  static constexpr FourCC kType = fourcc("mfhd");
  std::uint32_t sequence_number = 0;
};
template <class Io>
void visit(MovieFragmentHeader& b, Io& io) {
  io.zeros(4);
  io.be32(b.sequence_number);
}

struct TrackFragmentHeader {  // 8.8.7
  static constexpr FourCC kType = fourcc("tfhd");
  static constexpr std::uint32_t kBaseDataOffset = 0x000001;
  static constexpr std::uint32_t kDescriptionIndex = 0x000002;
  static constexpr std::uint32_t kDefaultDuration = 0x000008;
  static constexpr std::uint32_t kDefaultSize = 0x000010;
  static constexpr std::uint32_t kDefaultFlags = 0x000020;
  static constexpr std::uint32_t kDefaultBaseIsMoof = 0x020000;

  std::uint8_t version = 0;
  std::uint32_t flags = 0;
  std::uint32_t track_id = 0;
  std::uint64_t base_data_offset = 0;
  std::uint32_t description_index = 0;
  std::uint32_t default_duration = 0;
  std::uint32_t default_size = 0;
  std::uint32_t default_flags = 0;
};
template <class Io>
void visit(TrackFragmentHeader& b, Io& io) {
  io.u8(b.version);
  io.be24(b.flags);
  io.be32(b.track_id);
  if (b.flags & b.kBaseDataOffset) io.be64(b.base_data_offset);
  if (b.flags & b.kDescriptionIndex) io.be32(b.description_index);
  if (b.flags & b.kDefaultDuration) io.be32(b.default_duration);
  if (b.flags & b.kDefaultSize) io.be32(b.default_size);
  if (b.flags & b.kDefaultFlags) io.be32(b.default_flags);
}

struct TrackFragmentDecodeTime {  // 8.8.12
  static constexpr FourCC kType = fourcc("tfdt");
  std::uint8_t version = 1;
  std::uint64_t base_decode_time = 0;
};
template <class Io>
void visit(TrackFragmentDecodeTime& b, Io& io) {
  io.u8(b.version);
  io.zeros(3);
  visit_sized(b.version, b.base_decode_time, io);
}

struct FragmentUtc {  // ours: the wall clock of the fragment's first sample
  static constexpr FourCC kType = fourcc("futc");
  std::uint32_t seconds = 0;
  std::uint32_t microseconds = 0;
};
template <class Io>
void visit(FragmentUtc& b, Io& io) {
  io.zeros(4);
  io.be32(b.seconds);
  io.be32(b.microseconds);
}

struct TrackRun {  // 8.8.8; its entries follow the fields
  static constexpr FourCC kType = fourcc("trun");
  static constexpr std::uint32_t kDataOffset = 0x000001;
  static constexpr std::uint32_t kFirstFlags = 0x000004;
  static constexpr std::uint32_t kDurations = 0x000100;
  static constexpr std::uint32_t kSizes = 0x000200;
  static constexpr std::uint32_t kFlags = 0x000400;
  static constexpr std::uint32_t kCompositionOffsets = 0x000800;

  std::uint8_t version = 1;
  std::uint32_t flags = 0;
  std::uint32_t sample_count = 0;
  std::int32_t data_offset = 0;  // from the first byte of the moof
  std::uint32_t first_flags = 0;

  [[nodiscard]] std::size_t entry_size() const {
    std::size_t size = 0;
    for (const auto field : {kDurations, kSizes, kFlags, kCompositionOffsets}) size += (flags & field) ? 4 : 0;
    return size;
  }
};
template <class Io>
void visit(TrackRun& b, Io& io) {
  io.u8(b.version);
  io.be24(b.flags);
  io.be32(b.sample_count);
  if (b.flags & b.kDataOffset) io.be32(b.data_offset);
  if (b.flags & b.kFirstFlags) io.be32(b.first_flags);
}

struct RunEntry {
  std::uint32_t duration = 0;
  std::uint32_t size = 0;
  std::uint32_t flags = 0;
  std::int32_t composition_offset = 0;
};
template <class Io>
void visit(RunEntry& e, std::uint32_t run_flags, Io& io) {
  if (run_flags & TrackRun::kDurations) io.be32(e.duration);
  if (run_flags & TrackRun::kSizes) io.be32(e.size);
  if (run_flags & TrackRun::kFlags) io.be32(e.flags);
  if (run_flags & TrackRun::kCompositionOffsets) io.be32(e.composition_offset);
}

}  // namespace sluice::mp4
