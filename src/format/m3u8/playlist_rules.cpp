#include "format/m3u8/playlist_rules.hpp"

#include <algorithm>
#include <chrono>

namespace sluice::m3u8 {
namespace {

using std::chrono::seconds;

bool has_parts(const MediaPlaylist& playlist) {
  return playlist.open || std::ranges::any_of(playlist.segments, [](const Segment& s) { return !s.parts.empty(); });
}

/// Calls `f(segment, msn)` for each segment and the open one.
template <class F>
void for_each_segment(const MediaPlaylist& playlist, F f) {
  std::uint64_t msn = playlist.media_sequence;
  for (const auto& segment : playlist.segments) f(segment, msn++);
  if (playlist.open) f(*playlist.open, msn);
}

void check_version(const ParsedMedia& parsed, Report& report) {
  if (parsed.version < parsed.required_version) {
    report.add(Rule::version_sufficient, "EXT-X-VERSION is {}, {} is needed", parsed.version, parsed.required_version);
  } else if (parsed.version > parsed.required_version) {
    report.add(Rule::version_not_above, "EXT-X-VERSION is {}, {} would do", parsed.version, parsed.required_version);
  }
}

void check_hold_back(const MediaPlaylist& playlist, Report& report) {
  const ServerControl control = playlist.server_control.value_or(ServerControl());
  const seconds target(playlist.target_duration);
  if (control.hold_back.count() != 0 && control.hold_back < 3 * target) {
    report.add(Rule::hold_back_minimum, "{} with target duration {}", text_of(control.hold_back), target.count());
  }
  if (control.can_skip_until.count() != 0 && control.can_skip_until < 6 * target) {
    report.add(Rule::skip_boundary_minimum, "{} with target duration {}", text_of(control.can_skip_until),
               target.count());
  }
  if (playlist.part_target.count() == 0) {
    if (has_parts(playlist)) report.add(Rule::part_inf_present, "parts without EXT-X-PART-INF");
    return;
  }
  const auto rule = control.part_hold_back.count() == 0                 ? Rule::part_hold_back_present
                    : control.part_hold_back < 2 * playlist.part_target ? Rule::part_hold_back_minimum
                                                                        : Rule::part_hold_back_recommended;
  if (control.part_hold_back < 3 * playlist.part_target) {
    report.add(rule, "PART-HOLD-BACK {}, PART-TARGET {}", text_of(control.part_hold_back),
               text_of(playlist.part_target));
  }
}

void check_part_durations(const Segment& segment, std::uint64_t msn, Duration target, Report& report) {
  for (std::size_t i = 0; i < segment.parts.size(); ++i) {
    const auto& part = segment.parts[i];
    const bool last = i + 1 == segment.parts.size();
    if (part.duration > target) {
      report.add(Rule::part_within_target, "part {} of segment {} lasts {}, PART-TARGET is {}", part.uri, msn,
                 text_of(part.duration), text_of(target));
    }
    // The last part of an open segment may become its final one; until another follows it is exempt.
    const bool exempt = part.independent || part.gap || last || segment.parts[i + 1].gap;
    if (!exempt && part.duration * 100 < target * 85) {
      report.add(Rule::part_not_short, "part {} of segment {} lasts {}, PART-TARGET is {}", part.uri, msn,
                 text_of(part.duration), text_of(target));
    }
  }
}

void check_durations(const MediaPlaylist& playlist, Report& report) {
  std::uint64_t msn = playlist.media_sequence;
  for (const auto& segment : playlist.segments) {
    // Half a second rounds up.
    if (segment.duration + std::chrono::milliseconds(500) >= seconds(playlist.target_duration + 1ULL)) {
      report.add(Rule::segment_within_target, "segment {} lasts {}, target duration is {}", msn,
                 text_of(segment.duration), playlist.target_duration);
    }
    ++msn;
  }
}

void check_parts_near_edge(const MediaPlaylist& playlist, Report& report) {
  constexpr Duration kRounding{5'000};  // EXTINF has milliseconds, and several are added
  Duration behind{};
  if (playlist.open) {
    for (const auto& part : playlist.open->parts) behind += part.duration;
  }
  std::uint64_t msn = playlist.media_sequence + playlist.segments.size();
  for (auto segment = playlist.segments.rbegin(); segment != playlist.segments.rend(); ++segment) {
    --msn;
    if (behind > 3 * seconds(playlist.target_duration) + kRounding && !segment->parts.empty()) {
      report.add(Rule::parts_near_edge, "segment {} ends {} before the end and still has parts", msn, text_of(behind));
    }
    behind += segment->duration;
  }
}

void check_hints(const MediaPlaylist& playlist, const CheckerOptions& options, Report& report) {
  const auto count = [&](PreloadHint::Type type) {
    return std::ranges::count(playlist.preload_hints, type, &PreloadHint::type);
  };
  const auto parts = count(PreloadHint::Type::part);
  if (playlist.ended) {
    if (!playlist.preload_hints.empty()) report.add(Rule::no_hint_after_end, "{}", playlist.preload_hints[0].uri);
    return;
  }
  if (parts > 1 || count(PreloadHint::Type::map) > 1) {
    report.add(Rule::one_hint_of_a_type, "{} hints", playlist.preload_hints.size());
  }
  const bool has_next_part = playlist.part_target.count() != 0;
  if (options.low_latency && has_next_part && parts == 0) report.add(Rule::hint_present, "no hint of type PART");
}

void check_dates(const MediaPlaylist& playlist, const CheckerOptions& options, Report& report) {
  const bool dated =
      std::ranges::any_of(playlist.segments, [](const Segment& s) { return s.program_date_time.has_value(); }) ||
      (playlist.open && playlist.open->program_date_time);
  if (!dated) {
    if (options.low_latency) report.add(Rule::date_time_present, "no EXT-X-PROGRAM-DATE-TIME");
    return;
  }
  std::optional<UtcTime> before;    // date of the segment before
  std::optional<UtcTime> expected;  // its end
  for_each_segment(playlist, [&](const Segment& segment, std::uint64_t msn) {
    const auto date = segment.program_date_time;
    if (segment.discontinuity && !date) {
      report.add(Rule::date_time_after_discontinuity, "segment {}", msn);
      before = expected = std::nullopt;
      return;
    }
    const auto here = date ? date : expected;
    if (date && expected) {
      const auto off = *date - *expected;
      const bool good = segment.discontinuity ? off > -seconds(1) && *date > *before
                                              : std::chrono::abs(off) <= options.date_time_tolerance;
      if (!good) {
        report.add(Rule::date_time_continuous, "segment {} is dated {}, {} s off", msn, text_of(*date), text_of(off));
      }
    }
    before = here;
    expected = here ? std::optional(*here + segment.duration) : std::nullopt;
  });
}

void check_maps(const MediaPlaylist& playlist, Report& report) {
  const Segment* before = nullptr;
  for_each_segment(playlist, [&](const Segment& segment, std::uint64_t msn) {
    if (before != nullptr && segment.map_uri != before->map_uri && !segment.discontinuity) {
      report.add(Rule::map_change_is_discontinuity, "segment {}: {} after {}", msn, segment.map_uri, before->map_uri);
    }
    before = &segment;
  });
}

void check_reports(const MediaPlaylist& playlist, Report& report) {
  for (const auto& rendition : playlist.rendition_reports) {
    if (rendition.uri.contains("://") || rendition.uri.starts_with("//")) {
      report.add(Rule::report_uri_relative, "{}", rendition.uri);
    }
  }
}

}  // namespace

void check_playlist(const ParsedMedia& parsed, const MediaPlaylist& whole, const CheckerOptions& options,
                    Report& report) {
  check_version(parsed, report);
  check_hold_back(whole, report);
  check_durations(whole, report);
  if (whole.part_target.count() != 0) {
    for_each_segment(whole, [&](const Segment& segment, std::uint64_t msn) {
      check_part_durations(segment, msn, whole.part_target, report);
    });
  }
  check_parts_near_edge(whole, report);
  check_hints(whole, options, report);
  check_dates(whole, options, report);
  check_maps(whole, report);
  check_reports(whole, report);
  const bool blocks = whole.server_control && whole.server_control->can_block_reload;
  if (options.low_latency && !blocks && !whole.ended) report.add(Rule::blocking_reload_offered, "no CAN-BLOCK-RELOAD");
}

}  // namespace sluice::m3u8
