#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/mp4/box.hpp"
#include "format/mp4/init.hpp"
#include "media/track.hpp"

/// The sample entries of the codecs that MP4 carries (ISO/IEC 14496-12 8.5.2). Internal to this room.
namespace sluice::mp4 {

/// How MP4 carries a codec: a row of the table.
struct CodecRow {
  std::string_view codec;  ///< as media::Codec names it
  FourCC type{};           ///< of its sample entry
  /// Writes what stands in the entry.
  void (*write)(ByteWriter& out, const media::Track& track, const CodecRow& row) = nullptr;
  /// Reads it into `out`. False where the entry is another row's with the same type.
  Result<bool> (*read)(BytesView entry, const CodecRow& row, TrackInfo& out) = nullptr;
  /// What an `mp4a` is (objectTypeIndication, ISO/IEC 14496-1 table 5): all are read, the first is written.
  std::array<std::uint8_t, 4> object_types{};
  /// What a `urim` is.
  std::string_view uri{};
};

/// Adds a row to the table. For tests, before any other thread looks.
void add_codec(const CodecRow& row);

/// Writes the sample entry of `track`, the child of its stsd. REQUIRES: carries(*track.codec).
void write_sample_entry(ByteWriter& out, const media::Track& track);

/// Fills codec, config, sample rate and channels of `out` from a sample entry. One that the table does not know is no
/// error and leaves `out` as it is.
Result<void> read_sample_entry(const BoxView& entry, TrackInfo& out);

}  // namespace sluice::mp4
