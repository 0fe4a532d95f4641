#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/m3u8/master_playlist.hpp"

namespace sluice::m3u8 {

/// What RFC 8216bis asks of a server and a client can see. Each is a row of rules().
enum class Rule : std::uint8_t {
  // One playlist.
  syntax,
  version_sufficient,
  version_not_above,
  segment_within_target,
  part_inf_present,
  part_hold_back_present,
  part_hold_back_minimum,
  part_hold_back_recommended,
  hold_back_minimum,
  skip_boundary_minimum,
  part_within_target,
  part_not_short,
  parts_near_edge,
  no_hint_after_end,
  one_hint_of_a_type,
  date_time_after_discontinuity,
  date_time_continuous,
  map_change_is_discontinuity,
  report_uri_relative,
  // One playlist of the Low-Latency Server Configuration Profile.
  date_time_present,
  blocking_reload_offered,
  hint_present,
  // Reload after reload.
  target_duration_constant,
  part_target_constant,
  server_control_constant,
  type_constant,
  live_has_no_type,
  media_sequence_monotonic,
  edge_monotonic,
  live_window_minimum,
  segment_constant,
  discontinuity_sequence_constant,
  discontinuity_sequence_present,
  part_constant,
  part_removed_in_order,
  parts_make_segment,
  first_part_independent,
  hint_becomes_next_part,
  end_is_final,
  segment_in_time,
  part_in_time,
  // Delivery Directives and their answers.
  blocking_reload_answered,
  blocking_reload_given_up,
  part_without_msn_refused,
  far_future_refused,
  delta_update_given,
  delta_update_only_on_request,
  skip_boundary_respected,
  // The playlists of one presentation.
  same_target_duration,
  same_server_control,
  same_type,
  date_time_in_all,
  discontinuity_sequence_matches,
  report_for_each_rendition,
  report_current,
  // The Multivariant Playlist.
  codecs_present,
  group_exists,
  group_names_unique,
  group_one_default,
  group_members_alike,
  default_is_autoselect,
  subtitles_have_uri,
  // What the playlists name, for those who download it.
  listed_available,
  hint_available,
  removed_available,
  media_readable,
  media_continuous,
  duration_is_media,
};

struct RuleRow {
  Rule rule;
  std::string_view name;     ///< as in Rule
  std::string_view section;  ///< of RFC 8216bis: "6.2.1", "B.1"
  bool must;                 ///< false: SHOULD
  std::string_view text;     ///< what is asked, one sentence
};

/// All rules, one row each, in the order of Rule.
std::span<const RuleRow> rules();

const RuleRow& row(Rule rule);

/// A broken rule: where and how.
struct Violation {
  Rule rule = Rule::syntax;
  std::string playlist;      ///< its URI where several are followed, else empty
  std::uint64_t reload = 0;  ///< the how-manieth answer of the playlist, from 1
  std::string what;          ///< with the numbers and URIs that contradict each other

  bool operator==(const Violation&) const = default;
};

/// "live/index.m3u8, answer 7: part_within_target (4.4.4.9, MUST): part a.m4s of segment 12 lasts 0.212, ..."
std::string to_string(const Violation& violation);

/// The rules of a Multivariant Playlist.
std::vector<Violation> check(const MasterPlaylist& playlist);

}  // namespace sluice::m3u8
