#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/mp4/box.hpp"
#include "format/mp4/init.hpp"
#include "media/track.hpp"

/// The sample entries of the codecs that MP4 carries (ISO/IEC 14496-12 8.5.2). Internal to this room.
namespace sluice::mp4 {

/// Writes the sample entry of `track`, the child of its stsd. REQUIRES: carries(*track.codec).
void write_sample_entry(ByteWriter& out, const media::Track& track);

/// Fills codec, config, sample rate and channels of `out` from a sample entry. One that the table does not know is no
/// error and leaves `out` as it is.
Result<void> read_sample_entry(const BoxView& entry, TrackInfo& out);

}  // namespace sluice::mp4
