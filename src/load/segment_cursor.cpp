#include "load/segment_cursor.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace sluice::load {

using m3u8::Duration;

struct SegmentCursor::Listed {
  Place place;
  Place after;
  Item item;
  bool independent;
};

namespace {

/// How far behind the edge a player begins: section 4.4.3.8.
Duration distance_from_edge(const m3u8::MediaPlaylist& playlist) {
  if (playlist.ended) return Duration::max();
  const auto control = playlist.server_control.value_or(m3u8::ServerControl());
  if (playlist.part_target > Duration(0) && control.part_hold_back > Duration(0)) return control.part_hold_back;
  if (control.hold_back > Duration(0)) return control.hold_back;
  return 3 * std::chrono::seconds(playlist.target_duration);
}

}  // namespace

std::optional<SegmentCursor::Item> SegmentCursor::next(const m3u8::MediaPlaylist& playlist) {
  std::vector<Listed> listed;
  const auto list = [&listed](const m3u8::Segment& segment, std::uint64_t msn) {
    for (std::size_t i = 0; i < segment.parts.size(); ++i) {
      const auto& part = segment.parts[i];
      listed.push_back(
          {.place = {msn, i},
           .after = {msn, i + 1},
           .item = {.uri = part.uri, .map_uri = segment.map_uri, .duration = part.duration, .gap = part.gap},
           .independent = part.independent});
    }
    if (!segment.parts.empty() || segment.uri.empty()) return;
    listed.push_back(
        {.place = {msn, 0},
         .after = {msn + 1, 0},
         .item = {.uri = segment.uri, .map_uri = segment.map_uri, .duration = segment.duration, .gap = segment.gap},
         .independent = true});
  };
  std::uint64_t msn = playlist.media_sequence;
  for (const auto& segment : playlist.segments) list(segment, msn++);
  if (playlist.open) list(*playlist.open, msn);
  if (listed.empty()) return {};

  if (!place_) place_ = start(listed, distance_from_edge(playlist));
  const auto found = std::ranges::lower_bound(listed, *place_, {}, &Listed::place);
  if (found == listed.end()) return {};
  place_ = found->after;
  found->item.fetched = !hinted_.empty() && found->item.uri == hinted_;
  return std::move(found->item);
}

SegmentCursor::Place SegmentCursor::start(const std::vector<Listed>& listed, Duration behind) const {
  if (from_) return listed[*from_ % listed.size()].place;
  Duration distance{};
  for (auto it = listed.rbegin(); it != listed.rend(); ++it) {
    distance += it->item.duration;
    if (distance >= behind && it->independent) return it->place;
  }
  const auto first = std::ranges::find(listed, true, &Listed::independent);
  return first == listed.end() ? listed.front().place : first->place;
}

std::optional<SegmentCursor::Item> SegmentCursor::hint(const m3u8::MediaPlaylist& playlist) {
  const auto hint = std::ranges::find(playlist.preload_hints, m3u8::PreloadHint::Type::part, &m3u8::PreloadHint::type);
  if (!place_ || hint == playlist.preload_hints.end() || hint->uri == hinted_) return {};
  hinted_ = hint->uri;
  const auto& map = playlist.open && !playlist.open->map_uri.empty() ? playlist.open->map_uri
                    : playlist.segments.empty()                      ? std::string()
                                                                     : playlist.segments.back().map_uri;
  return Item{.uri = hinted_, .map_uri = map};
}

}  // namespace sluice::load
