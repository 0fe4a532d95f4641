#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "format/m3u8/exchange.hpp"
#include "format/m3u8/media_playlist.hpp"

namespace sluice::m3u8::test {

/// A low-latency stream that keeps all rules, for tests that spoil it: a part each second, four make a segment, twelve
/// segments are listed, parts for the last three. Time is counted in parts.
inline constexpr UtcTime kStart{std::chrono::sys_seconds(std::chrono::seconds(1'786'697'584))};
inline constexpr std::uint64_t kFirstMsn = 100;
inline constexpr int kPartsInSegment = 4;
inline constexpr int kListed = 12;

inline SteadyTime time_of(int parts) { return SteadyTime(std::chrono::seconds(1000 + parts)); }

inline std::string part_uri(int part) {
  return "s" + std::to_string(kFirstMsn + part / kPartsInSegment) + "." + std::to_string(part % kPartsInSegment) +
         ".m4s";
}

inline Part live_part(int part) {
  return {.uri = part_uri(part), .duration = std::chrono::seconds(1), .independent = part % kPartsInSegment == 0};
}

/// Segment `index` with those of its parts below `parts`; closed if all are.
inline Segment live_segment(int index, int parts) {
  Segment segment;
  segment.program_date_time = kStart + std::chrono::seconds(kPartsInSegment * index);
  segment.map_uri = "init.mp4";
  for (int part = index * kPartsInSegment; part < std::min(parts, (index + 1) * kPartsInSegment); ++part) {
    segment.parts.push_back(live_part(part));
  }
  if (segment.parts.size() == kPartsInSegment) {
    segment.uri = "s" + std::to_string(kFirstMsn + index) + ".mp4";
    segment.duration = std::chrono::seconds(kPartsInSegment);
  }
  return segment;
}

/// The playlist when `parts` are published.
inline MediaPlaylist live(int parts) {
  MediaPlaylist playlist{.target_duration = 5, .independent_segments = true};
  playlist.server_control = ServerControl{.can_block_reload = true,
                                          .can_skip_until = std::chrono::seconds(30),
                                          .hold_back = std::chrono::seconds(15),
                                          .part_hold_back = std::chrono::milliseconds(3006)};
  playlist.part_target = std::chrono::milliseconds(1002);
  const int closed = parts / kPartsInSegment;
  const int first = std::max(0, closed - kListed);
  playlist.media_sequence = kFirstMsn + first;
  for (int index = first; index < closed; ++index) {
    playlist.segments.push_back(live_segment(index, parts));
    if (parts - (index + 1) * kPartsInSegment > 11) playlist.segments.back().parts.clear();
  }
  if (parts % kPartsInSegment != 0) playlist.open = live_segment(closed, parts);
  playlist.preload_hints = {{.type = PreloadHint::Type::part, .uri = part_uri(parts)}};
  const int last = std::max(parts - 1, 0);
  playlist.rendition_reports = {{.uri = "../a1/index.m3u8",
                                 .last_msn = kFirstMsn + last / kPartsInSegment,
                                 .last_part = static_cast<std::uint32_t>(last % kPartsInSegment)}};
  return playlist;
}

/// The blocking reload that waits for part `parts - 1`, answered when it comes.
inline Exchange reload(int parts) {
  const int asked = parts - 1;
  return {.requested = time_of(parts - 1),
          .answered = time_of(parts),
          .msn = kFirstMsn + asked / kPartsInSegment,
          .part = asked % kPartsInSegment};
}

}  // namespace sluice::m3u8::test
