#include "format/m3u8/rules.hpp"

#include <fmt/format.h>

#include <array>

namespace sluice::m3u8 {
namespace {

constexpr std::array kRules = std::to_array<RuleRow>({
    {Rule::syntax, "syntax", "4.1", true, "A playlist has the form that section 4 defines."},
    {Rule::version_sufficient, "version_sufficient", "8", true, "EXT-X-VERSION is at least what the tags need."},
    {Rule::version_not_above, "version_not_above", "6.2.1", false, "EXT-X-VERSION is not above what the tags need."},
    {Rule::segment_within_target, "segment_within_target", "4.4.3.1", true,
     "EXTINF, rounded to whole seconds, is at most the target duration."},
    {Rule::part_inf_present, "part_inf_present", "4.4.3.7", true, "A playlist with parts has EXT-X-PART-INF."},
    {Rule::part_hold_back_present, "part_hold_back_present", "4.4.3.8", true,
     "A playlist with EXT-X-PART-INF has PART-HOLD-BACK."},
    {Rule::part_hold_back_minimum, "part_hold_back_minimum", "4.4.3.8", true,
     "PART-HOLD-BACK is at least twice the part target duration."},
    {Rule::part_hold_back_recommended, "part_hold_back_recommended", "4.4.3.8", false,
     "PART-HOLD-BACK is at least three times the part target duration."},
    {Rule::hold_back_minimum, "hold_back_minimum", "4.4.3.8", true,
     "HOLD-BACK is at least three times the target duration."},
    {Rule::skip_boundary_minimum, "skip_boundary_minimum", "4.4.3.8", true,
     "CAN-SKIP-UNTIL is at least six times the target duration."},
    {Rule::part_within_target, "part_within_target", "4.4.4.9", true, "A part lasts at most the part target duration."},
    {Rule::part_not_short, "part_not_short", "4.4.4.9", true,
     "A part lasts at least 85 % of the part target duration, but for those that section 4.4.4.9 exempts."},
    {Rule::parts_near_edge, "parts_near_edge", "6.2.2", false,
     "Parts further than three target durations from the end are removed."},
    {Rule::no_hint_after_end, "no_hint_after_end", "4.4.5.3", true,
     "A playlist with EXT-X-ENDLIST has no EXT-X-PRELOAD-HINT."},
    {Rule::one_hint_of_a_type, "one_hint_of_a_type", "6.2.6", false,
     "A playlist has at most one EXT-X-PRELOAD-HINT of a type."},
    {Rule::date_time_after_discontinuity, "date_time_after_discontinuity", "6.2.1", false,
     "Where dates are given, a segment behind a discontinuity has one."},
    {Rule::date_time_continuous, "date_time_continuous", "6.2.1", true,
     "Dates follow from durations; only behind a discontinuity may they jump, and overlap by less than a second."},
    {Rule::map_change_is_discontinuity, "map_change_is_discontinuity", "6.2.1", true,
     "Other encoding parameters begin with EXT-X-DISCONTINUITY."},
    {Rule::report_uri_relative, "report_uri_relative", "4.4.5.4", true,
     "The URI of a rendition report is relative to the playlist."},
    {Rule::date_time_present, "date_time_present", "B.1", true, "A low-latency playlist has dates."},
    {Rule::blocking_reload_offered, "blocking_reload_offered", "B.1", true,
     "A low-latency playlist has CAN-BLOCK-RELOAD=YES."},
    {Rule::hint_present, "hint_present", "B.1", true, "A low-latency playlist hints its next part."},
    {Rule::target_duration_constant, "target_duration_constant", "6.2.1", true, "EXT-X-TARGETDURATION never changes."},
    {Rule::part_target_constant, "part_target_constant", "6.2.1", true, "PART-TARGET never changes."},
    {Rule::server_control_constant, "server_control_constant", "6.2.1", true, "EXT-X-SERVER-CONTROL never changes."},
    {Rule::type_constant, "type_constant", "6.2.1", true, "EXT-X-PLAYLIST-TYPE never changes."},
    {Rule::live_has_no_type, "live_has_no_type", "6.2.2", true,
     "A playlist that loses segments has no EXT-X-PLAYLIST-TYPE."},
    {Rule::media_sequence_monotonic, "media_sequence_monotonic", "6.2.2", true,
     "EXT-X-MEDIA-SEQUENCE never decreases."},
    {Rule::edge_monotonic, "edge_monotonic", "6.2.1", true, "What was added at the end of a playlist stays."},
    {Rule::live_window_minimum, "live_window_minimum", "6.2.2", true,
     "A segment is removed only if three target durations are left."},
    {Rule::segment_constant, "segment_constant", "6.2.1", true,
     "The segment of a Media Sequence Number keeps its URI, duration, date, map and gap."},
    {Rule::discontinuity_sequence_constant, "discontinuity_sequence_constant", "6.2.2", true,
     "The segment of a Media Sequence Number keeps its Discontinuity Sequence Number."},
    {Rule::discontinuity_sequence_present, "discontinuity_sequence_present", "6.2.2", true,
     "A playlist with EXT-X-DISCONTINUITY that loses segments has EXT-X-DISCONTINUITY-SEQUENCE."},
    {Rule::part_constant, "part_constant", "6.2.1", true, "A part keeps its URI, duration and flags."},
    {Rule::part_removed_in_order, "part_removed_in_order", "6.2.2", true,
     "Parts are removed from the front, and do not come back."},
    {Rule::parts_make_segment, "parts_make_segment", "3.2", true,
     "The parts of a segment last as long as the segment."},
    {Rule::first_part_independent, "first_part_independent", "4.4.4.9", false,
     "Where segments are independent, their first parts are marked INDEPENDENT."},
    {Rule::hint_becomes_next_part, "hint_becomes_next_part", "4.4.5.3", true,
     "The next part has the URI that was hinted."},
    {Rule::end_is_final, "end_is_final", "4.4.3.4", true, "Nothing is added behind EXT-X-ENDLIST."},
    {Rule::segment_in_time, "segment_in_time", "6.2.1", true,
     "A new segment comes within 1.5 target durations of the one before."},
    {Rule::part_in_time, "part_in_time", "6.2.1", true, "A new part comes within the part target duration."},
    {Rule::blocking_reload_answered, "blocking_reload_answered", "6.2.5.2", true,
     "A blocking reload is answered with a playlist that has what was asked for."},
    {Rule::blocking_reload_given_up, "blocking_reload_given_up", "6.2.5.2", false,
     "A blocking reload is held for at most three target durations."},
    {Rule::part_without_msn_refused, "part_without_msn_refused", "6.2.5.2", true,
     "_HLS_part without _HLS_msn is a bad request."},
    {Rule::far_future_refused, "far_future_refused", "6.2.5.2", false,
     "_HLS_msn beyond the last segment plus two is a bad request."},
    {Rule::delta_update_given, "delta_update_given", "6.2.5.1", true,
     "_HLS_skip is answered with a delta update where CAN-SKIP-UNTIL is offered."},
    {Rule::delta_update_only_on_request, "delta_update_only_on_request", "6.2.5.1", true,
     "Without _HLS_skip, CAN-SKIP-UNTIL or behind EXT-X-ENDLIST nothing is skipped."},
    {Rule::skip_boundary_respected, "skip_boundary_respected", "6.2.5.1", true,
     "Only segments beyond the skip boundary are skipped."},
    {Rule::same_target_duration, "same_target_duration", "6.2.4", true,
     "All playlists of a presentation have one target duration."},
    {Rule::same_server_control, "same_server_control", "6.2.4", true,
     "All playlists of a presentation have the same EXT-X-SERVER-CONTROL."},
    {Rule::same_type, "same_type", "6.2.4", true, "All playlists of a presentation have the same EXT-X-PLAYLIST-TYPE."},
    {Rule::date_time_in_all, "date_time_in_all", "6.2.4", true,
     "If one playlist of a presentation has dates, all have."},
    {Rule::discontinuity_sequence_matches, "discontinuity_sequence_matches", "6.2.4", true,
     "Matching content has the same Discontinuity Sequence Number in all playlists."},
    {Rule::report_for_each_rendition, "report_for_each_rendition", "B.1", true,
     "A low-latency playlist has a rendition report for each other playlist."},
    {Rule::report_current, "report_current", "4.4.5.4", true,
     "A rendition report is as up to date as the playlist that has it."},
    {Rule::codecs_present, "codecs_present", "4.4.6.2", false, "A variant has CODECS."},
    {Rule::group_exists, "group_exists", "4.4.6.2", true, "A group that a variant names exists."},
    {Rule::group_names_unique, "group_names_unique", "4.4.6.1.1", true, "Renditions of a group have different names."},
    {Rule::group_one_default, "group_one_default", "4.4.6.1.1", true, "A group has at most one default rendition."},
    {Rule::group_members_alike, "group_members_alike", "4.4.6.1.1", true, "Groups of a type have the same members."},
    {Rule::default_is_autoselect, "default_is_autoselect", "4.4.6.1", true,
     "A default rendition is not excluded from automatic selection."},
    {Rule::subtitles_have_uri, "subtitles_have_uri", "4.4.6.2.1", true,
     "Subtitles have a URI, closed captions have none."},
    {Rule::listed_available, "listed_available", "6.2.1", true, "What is listed can be downloaded."},
    {Rule::hint_available, "hint_available", "6.2.6", true, "What is hinted can be requested before it is there."},
    {Rule::removed_available, "removed_available", "6.2.2", true,
     "What was removed stays: a part for three target durations, a segment for its duration and its playlist's."},
    {Rule::media_readable, "media_readable", "3.1", true, "Media has the form that section 3.1 defines."},
    {Rule::media_continuous, "media_continuous", "3", true,
     "Media begins where the media before ended, but at discontinuities."},
    {Rule::duration_is_media, "duration_is_media", "4.4.4.1", false, "Media lasts as long as its playlist says."},
});

static_assert([] {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (static_cast<std::size_t>(kRules[i].rule) != i) return false;
  }
  return kRules.size() == static_cast<std::size_t>(Rule::duration_is_media) + 1;
}());

}  // namespace

std::span<const RuleRow> rules() { return kRules; }

const RuleRow& row(Rule rule) { return kRules[static_cast<std::size_t>(rule)]; }

std::string to_string(const Violation& violation) {
  const auto& rule = row(violation.rule);
  std::string where = violation.playlist;
  if (violation.reload != 0) where += fmt::format("{}answer {}", where.empty() ? "" : ", ", violation.reload);
  return fmt::format("{}{}{} ({}, {}): {}", where, where.empty() ? "" : ": ", rule.name, rule.section,
                     rule.must ? "MUST" : "SHOULD", violation.what);
}

}  // namespace sluice::m3u8
