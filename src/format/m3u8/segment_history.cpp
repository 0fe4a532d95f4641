#include "format/m3u8/segment_history.hpp"

#include <algorithm>
#include <numeric>

namespace sluice::m3u8 {
namespace {

constexpr std::size_t kMaxKnown = 1000;

/// EXTINF and parts are each rounded on their own.
constexpr Duration kRounding{5'000};

Duration sum(const std::vector<Part>& parts) {
  return std::accumulate(parts.begin(), parts.end(), Duration(),
                         [](Duration all, const Part& p) { return all + p.duration; });
}

void check_tags(const Segment& was, const Segment& is, std::uint64_t msn, bool was_closed, Report& report) {
  // A server may date whichever segment is the first one listed.
  if (was.program_date_time && is.program_date_time && was.program_date_time != is.program_date_time) {
    report.add(Rule::segment_constant, "segment {} is dated {}, was {}", msn, text_of(*is.program_date_time),
               text_of(*was.program_date_time));
  }
  if (was.map_uri != is.map_uri) {
    report.add(Rule::segment_constant, "segment {} has map {}, had {}", msn, is.map_uri, was.map_uri);
  }
  if (!was_closed) return;
  if (was.uri != is.uri) report.add(Rule::segment_constant, "segment {} is {}, was {}", msn, is.uri, was.uri);
  if (was.duration != is.duration) {
    report.add(Rule::segment_constant, "segment {} lasts {}, lasted {}", msn, text_of(is.duration),
               text_of(was.duration));
  }
  if (was.gap != is.gap) report.add(Rule::segment_constant, "segment {} has another EXT-X-GAP", msn);
}

}  // namespace

void SegmentHistory::take(const MediaPlaylist& playlist, std::uint64_t first_shown, Report& report) {
  check_hint(playlist, report);
  check_removal_order(playlist, first_shown, report);
  std::uint64_t msn = playlist.media_sequence;
  std::uint64_t discontinuity = playlist.discontinuity_sequence;
  const auto take_next = [&](const Segment& segment, bool closed) {
    discontinuity += segment.discontinuity ? 1 : 0;
    take_segment(segment, msn, discontinuity, closed, msn >= first_shown, report);
    if (playlist.independent_segments) check_first_part(known_.at(msn), msn, report);
    ++msn;
  };
  for (const auto& segment : playlist.segments) take_next(segment, true);
  if (playlist.open) take_next(*playlist.open, false);
  newest_ = std::max(newest_, msn == 0 ? 0 : msn - 1);
  while (known_.size() > kMaxKnown) known_.erase(known_.begin());

  const auto hint = std::ranges::find(playlist.preload_hints, PreloadHint::Type::part, &PreloadHint::type);
  const auto edge = edge_of(playlist);
  hinted_uri_ = hint == playlist.preload_hints.end() || !edge ? std::string() : hint->uri;
  hinted_after_ = edge.value_or(Edge());
}

void SegmentHistory::take_segment(const Segment& segment, std::uint64_t msn, std::uint64_t discontinuity, bool closed,
                                  bool parts_shown, Report& report) {
  const auto found = known_.find(msn);
  if (found == known_.end()) {
    // A segment that was new since the last answer shows its parts from the first one on.
    const bool from_first = !closed || (!known_.empty() && msn > newest_);
    auto& added = known_[msn] = {.segment = segment,
                                 .discontinuity = discontinuity,
                                 .listed_parts = segment.parts.size(),
                                 .closed = false,
                                 .from_first_part = from_first};
    if (closed) take_parts(added, segment, msn, false, report);
    added.closed = closed;
    return;
  }
  Known& known = found->second;
  const bool was_closed = known.closed;
  check_tags(known.segment, segment, msn, was_closed, report);
  if (known.discontinuity != discontinuity) {
    report.add(Rule::discontinuity_sequence_constant, "segment {} has number {}, had {}", msn, discontinuity,
               known.discontinuity);
  }
  if (closed && !was_closed) {
    known.segment.uri = segment.uri;
    known.segment.duration = segment.duration;
    known.segment.gap = segment.gap;
    known.closed = true;
  }
  if (parts_shown) take_parts(known, segment, msn, was_closed, report);
}

/// A growing segment adds parts behind those that are known; a closed one may only lose parts at its front.
void SegmentHistory::take_parts(Known& known, const Segment& segment, std::uint64_t msn, bool was_closed,
                                Report& report) {
  auto& parts = known.segment.parts;
  const auto& listed = segment.parts;
  const bool grows = !was_closed && listed.size() >= parts.size();
  if (was_closed && listed.size() > known.listed_parts) {
    report.add(Rule::part_removed_in_order, "segment {} lists {} parts, listed {}", msn, listed.size(),
               known.listed_parts);
  } else if (!was_closed && !grows && segment.uri.empty()) {
    report.add(Rule::part_removed_in_order, "the open segment {} lists {} parts, listed {}", msn, listed.size(),
               parts.size());
  }
  const std::size_t compared = std::min(listed.size(), parts.size());
  const std::size_t from = grows ? 0 : parts.size() - compared;
  for (std::size_t i = 0; i < compared && (grows || was_closed); ++i) {
    if (parts[from + i] != listed[i]) {
      report.add(Rule::part_constant, "part {} of segment {} was {}", listed[i].uri, msn, parts[from + i].uri);
    }
  }
  if (grows) parts = listed;
  known.listed_parts = listed.size();

  // On the step from open to closed all parts are there, unless some went at once.
  const bool just_closed = !was_closed && !segment.uri.empty();
  if (!just_closed || !grows || !known.from_first_part || parts.empty() || segment.gap) return;
  const auto off = sum(parts) - segment.duration;
  if (std::chrono::abs(off) > kRounding && std::ranges::none_of(parts, &Part::gap)) {
    report.add(Rule::parts_make_segment, "segment {} lasts {}, its parts {}", msn, text_of(segment.duration),
               text_of(sum(parts)));
  }
}

void SegmentHistory::check_removal_order(const MediaPlaylist& playlist, std::uint64_t first_shown,
                                         Report& report) const {
  std::uint64_t msn = playlist.media_sequence;
  bool behind_parts = false;  // an older segment still lists parts
  for (const auto& segment : playlist.segments) {
    const auto known = known_.find(msn);
    if (behind_parts && known != known_.end() && known->second.closed &&
        segment.parts.size() < known->second.listed_parts) {
      report.add(Rule::part_removed_in_order, "segment {} lost parts before an older one", msn);
    }
    behind_parts = behind_parts || (msn >= first_shown && !segment.parts.empty());
    ++msn;
  }
}

void SegmentHistory::check_first_part(Known& known, std::uint64_t msn, Report& report) {
  if (known.first_part_checked || !known.from_first_part || known.segment.parts.empty()) return;
  known.first_part_checked = true;
  const auto& first = known.segment.parts.front();
  if (!first.independent && !first.gap)
    report.add(Rule::first_part_independent, "part {} of segment {}", first.uri, msn);
}

/// The part that follows the edge of the playlist before: the next of its segment, or the first of the following one.
void SegmentHistory::check_hint(const MediaPlaylist& playlist, Report& report) {
  if (hinted_uri_.empty() || hinted_after_.msn < playlist.media_sequence) return;
  const auto segment_at = [&](std::uint64_t msn) -> const Segment* {
    const std::uint64_t index = msn - playlist.media_sequence;
    if (index < playlist.segments.size()) return &playlist.segments[index];
    return index == playlist.segments.size() && playlist.open ? &*playlist.open : nullptr;
  };
  // What is not available has no resource that the hint could name.
  const auto check_uri = [&](const Part& part, std::uint64_t msn) {
    if (part.uri != hinted_uri_ && !part.gap)
      report.add(Rule::hint_becomes_next_part, "{} of segment {}, hinted was {}", part.uri, msn, hinted_uri_);
  };
  const std::uint64_t msn = hinted_after_.msn;
  const auto* segment = segment_at(msn);
  const auto known = known_.find(msn);
  if (segment == nullptr || known == known_.end() || segment->parts.size() < known->second.segment.parts.size()) return;
  const std::size_t next = hinted_after_.part ? *hinted_after_.part + 1 : 0;
  if (next < segment->parts.size()) return check_uri(segment->parts[next], msn);
  // Section 6.2.6 allows another plan where the source breaks off.
  const auto* following = segment_at(msn + 1);
  if (following != nullptr && !following->parts.empty() && !following->discontinuity)
    check_uri(following->parts[0], msn + 1);
}

}  // namespace sluice::m3u8
