#include "protocol/hls/listed_parts.hpp"

#include <algorithm>

namespace sluice::hls {
namespace {

/// Segments of other tracks than the leader's begin and end a frame off.
constexpr Ticks kLeastGap{9000};

void add_gap(std::vector<ListedPart>& out, Ticks gap, Ticks part_target) {
  if (gap <= kLeastGap) return;
  const auto longest = std::max(part_target, Ticks(1));
  for (auto left = (gap + longest - Ticks(1)) / longest; left > 0; --left) {
    out.push_back({.duration = gap / left});
    gap -= gap / left;
  }
}

}  // namespace

std::vector<ListedPart> listed_parts(const stream::Listing& listing, std::size_t index, std::uint32_t track) {
  const stream::Segment& segment = *listing.segments[index];
  const stream::TrackSegment& stored = segment.tracks[track];
  std::vector<ListedPart> out;
  out.reserve(stored.parts.size());
  Ticks at = segment.dts;
  for (const stream::Part& part : stored.parts) {
    if (part.gap_before) add_gap(out, part.dts - at, listing.part_target);
    out.push_back({.stored = &part, .duration = part.duration});
    at = part.dts + part.duration;
  }
  if (out.empty() || !stored.complete || index + 1 == listing.segments.size()) return out;
  const stream::Segment& next = *listing.segments[index + 1];
  if (next.run == segment.run) add_gap(out, next.dts - at, listing.part_target);
  return out;
}

}  // namespace sluice::hls
