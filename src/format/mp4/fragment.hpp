#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "format/mp4/init.hpp"

/// The fragment: moof and mdat with the samples of one track (ISO/IEC 14496-12 8.8, a chunk of ISO/IEC 23000-19).
///
/// Every moof of the product has this layout. Its first 104 bytes are fixed because the players of MSE-LD read the
/// track's number and the wall clock from it without parsing boxes:
///
///     0  moof                    header, 8
///     8    mfhd                  16   sequence_number at 20
///    24    traf                  header, 8
///    32      tfhd                28   default-base-is-moof; track_ID at 44; default duration, size, flags
///    60      tfdt version 1      20   baseMediaDecodeTime at 72, 64 bits
///    80      futc                20   UTC of the first sample: seconds at 92, microseconds at 96
///   100      trun version 1           data_offset; per sample only what differs from the defaults
///         mdat                   header, 8; payloads
///
/// Composition: a sample is shown at decode time + composition_offset. On the timeline pts >= dts, so offsets are
/// never negative there, and a track with B-frames begins to be shown by its reordering delay after its first decode
/// time. Without an edit list that is where it belongs beside the audio. A caller that wants the first shown stamp to
/// be the base decode time moves all decode times of the track later by that delay and its offsets down: trun version 1
/// holds negative offsets.
namespace sluice::mp4 {

/// One sample as a fragment's header describes it; its payload lies in the mdat.
struct Sample {
  std::uint32_t duration = 0;           ///< units of the track's timescale, to the next sample's decode time
  std::uint32_t size = 0;               ///< bytes
  std::int32_t composition_offset = 0;  ///< presentation minus decode time, units of the track's timescale
  bool sync = true;                     ///< a random access point
  bool disposable = false;              ///< no other sample depends on it

  friend bool operator==(const Sample&, const Sample&) = default;
};

struct FragmentHeader {
  std::uint32_t track_id = 0;
  std::uint32_t sequence_number = 0;
  std::int64_t base_decode_time = 0;  ///< of the first sample, units of the track's timescale, >= 0
  UtcTime utc{};                      ///< wall clock of the first sample, 1970 to 2106
};

/// Bytes that write_fragment_header() writes for these samples, the mdat's header included.
std::size_t fragment_header_size(std::span<const Sample> samples);

/// Writes the moof and the 8-byte header of the mdat; the caller lays the samples' payloads behind it in their order.
/// REQUIRES: 1 to kMaxSamples samples, of less than 4 GiB together.
void write_fragment_header(ByteWriter& out, const FragmentHeader& header, std::span<const Sample> samples);

/// Samples that one fragment may have, in both directions.
inline constexpr std::size_t kMaxSamples = 65'536;

/// One sample as read.
struct ReadSample {
  Sample sample;
  std::int64_t decode_time = 0;  ///< units of the track's timescale
  BytesView payload;             ///< a view of the reader's input
};

/// One moof and its mdat, as read.
struct Fragment {
  std::uint32_t track_id = 0;
  std::uint32_t sequence_number = 0;
  std::int64_t base_decode_time = 0;
  std::optional<UtcTime> utc;  ///< only our own fragments have it
  std::vector<ReadSample> samples;
  std::size_t size = 0;  ///< bytes from the front of the input to the end of the mdat
};

/// Reads the fragment at the front of `in`. Boxes before the moof and unknown boxes anywhere are skipped; the samples
/// must lie in the mdat that follows. Errors to go on after: Errc::truncated where `in` ends before the mdat does,
/// Errc::no_fragment where it holds whole boxes but no moof, as after the last fragment of a file.
/// `init` gives the defaults of fragments that leave them to the init segment, as other packagers' do; ours never do.
/// A moof of several tracks is Errc::unsupported.
Result<Fragment> read_fragment(BytesView in, const Init* init = nullptr);

}  // namespace sluice::mp4
