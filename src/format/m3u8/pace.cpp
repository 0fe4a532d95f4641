#include "format/m3u8/pace.hpp"

#include <chrono>

namespace sluice::m3u8 {
namespace {

std::optional<Edge> newest_segment(const MediaPlaylist& playlist) {
  if (playlist.segments.empty()) return std::nullopt;
  return Edge{.msn = playlist.media_sequence + playlist.segments.size() - 1, .part = std::nullopt};
}

bool newest_segment_is_discontinuity(const MediaPlaylist& playlist) {
  return !playlist.segments.empty() && playlist.segments.back().discontinuity;
}

bool newest_part_is_discontinuity(const MediaPlaylist& playlist) {
  return playlist.open ? playlist.open->discontinuity : newest_segment_is_discontinuity(playlist);
}

}  // namespace

void Pace::take(const Exchange& exchange, const MediaPlaylist& playlist, Report& report) {
  if (playlist.ended || playlist.type == PlaylistType::vod) return;
  const Duration target = std::chrono::seconds(playlist.target_duration);
  take(segments_,
       {.newest = newest_segment(playlist),
        .discontinuity = newest_segment_is_discontinuity(playlist),
        .limit = target + target / 2,
        .rule = Rule::segment_in_time,
        .asked = exchange.msn.has_value()},
       exchange, report);
  if (playlist.part_target.count() == 0) return;
  take(parts_,
       {.newest = edge_of(playlist),
        .discontinuity = newest_part_is_discontinuity(playlist),
        .limit = playlist.part_target,
        .rule = Rule::part_in_time,
        .asked = exchange.part.has_value()},
       exchange, report);
}

void Pace::take(Track& track, const Next& next, const Exchange& exchange, Report& report) const {
  const bool is_new = next.newest && next.newest != track.newest;
  const bool first = !track.newest;
  const bool held = next.asked && exchange.answered - exchange.requested > options_.delivery_tolerance;
  // The latest moment of which the answer proves that nothing new had come before it.
  const SteadyTime proven = held ? exchange.answered : exchange.requested;
  const bool excused = options_.source_may_pause && (!is_new || next.discontinuity);
  const auto waited = std::chrono::duration_cast<Duration>(proven - track.seen);
  if (!first && !track.late && !excused && (held || !is_new) && waited > next.limit + options_.delivery_tolerance) {
    report.add(next.rule, "{} after {} of segment {}, allowed are {}", text_of(waited),
               track.newest->part ? "a part" : "the end", track.newest->msn, text_of(next.limit));
    track.late = true;
  }
  if (is_new) track = {.newest = next.newest, .seen = exchange.answered, .late = false};
}

}  // namespace sluice::m3u8
