#pragma once

#include <cstddef>
#include <vector>

#include "stream/segment.hpp"

namespace sluice::hls {

/// A part as a playlist lists it: one that is stored, or a stretch of a gap.
struct ListedPart {
  const stream::Part* stored = nullptr;  ///< null: a gap, GAP=YES
  Ticks duration{};
};

/// The parts of a track in the segment at `index` of a listing. Where the track has nothing for more than 100 ms, the
/// gap is listed in parts of PART-TARGET at most, so that parts make their segment and the segments of all tracks stay
/// side by side. What is listed once stays: the gap behind the last part only shows when the track is complete.
/// Nothing for a track without a stored part.
std::vector<ListedPart> listed_parts(const stream::Listing& listing, std::size_t index, std::uint32_t track);

}  // namespace sluice::hls
