#pragma once

#include <cstdint>
#include <vector>

#include "core/result.hpp"
#include "media/frame.hpp"
#include "stream/segment.hpp"

namespace sluice::stream {

/// Appends the frames of one track of a segment, read back out of its stored bytes: as the timeline put them there, but
/// for when they arrived. Errors: bad_address where the bytes are not in memory; what the stored formats say of bytes
/// that are not ours.
Result<void> read_frames(const Segment& segment, std::uint32_t track, std::vector<media::Frame>& out);

}  // namespace sluice::stream
