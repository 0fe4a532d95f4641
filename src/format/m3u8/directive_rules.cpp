#include "format/m3u8/directive_rules.hpp"

#include <chrono>

namespace sluice::m3u8 {
namespace {

using std::chrono::seconds;

bool blocks(const MediaPlaylist& playlist) {
  return playlist.server_control && playlist.server_control->can_block_reload && !playlist.ended;
}

std::uint64_t end_of(const MediaPlaylist& playlist) { return playlist.media_sequence + playlist.segments.size(); }

/// How far ahead `_HLS_part` may be before it is a bad request, section 6.2.5.2.
std::uint64_t advance_part_limit(const MediaPlaylist& playlist) {
  const auto target = playlist.part_target.count();
  return target > 0 && target < 1'000'000 ? static_cast<std::uint64_t>((3'000'000 + target - 1) / target) : 3;
}

/// `_HLS_msn` or `_HLS_part` as they are in the playlist before, within what a server must serve.
bool is_near(const Exchange& exchange, const MediaPlaylist& before) {
  const std::uint64_t end = end_of(before);
  if (*exchange.msn > end + 1) return false;
  const std::uint64_t parts = before.open && *exchange.msn == end ? before.open->parts.size() : 0;
  return !exchange.part || *exchange.part < parts + advance_part_limit(before);
}

/// True where no segments that may have come since `before` bring `_HLS_msn` within its limit of the last plus two.
bool is_far(const Exchange& exchange, const Before& before) {
  const auto since = static_cast<std::uint64_t>(std::chrono::ceil<seconds>(before.age).count());
  return *exchange.msn > end_of(*before.playlist) + 1 + since;
}

/// Section 6.2.5.2: the playlist has the segment, or the part, or what comes for a part beyond the segment's last.
bool has_what_was_asked(const Exchange& exchange, const MediaPlaylist& playlist) {
  const std::uint64_t end = end_of(playlist);
  const std::uint64_t msn = *exchange.msn;
  const std::uint64_t open_parts = playlist.open ? playlist.open->parts.size() : 0;
  if (!exchange.part) return msn < end;
  if (msn > end) return false;
  if (msn == end) return *exchange.part < open_parts;
  if (msn + 1 < end || msn < playlist.media_sequence) return true;
  const auto& last = playlist.segments.back();
  return last.parts.empty() || *exchange.part < last.parts.size() || open_parts > 0;
}

}  // namespace

void check_status(const Exchange& exchange, const Before& before, const CheckerOptions& options, Report& report) {
  const bool refused = exchange.status >= 400 && exchange.status < 500;
  if (exchange.part && !exchange.msn) {
    if (!refused)
      report.add(Rule::part_without_msn_refused, "_HLS_part={}: status {}", *exchange.part, exchange.status);
    return;
  }
  if (!exchange.msn || before.playlist == nullptr || !blocks(*before.playlist)) return;
  const auto held = std::chrono::duration_cast<Duration>(exchange.answered - exchange.requested);
  const Duration longest = 3 * seconds(before.playlist->target_duration);
  if (exchange.status == 200) {
    if (is_far(exchange, before)) {
      report.add(Rule::far_future_refused, "_HLS_msn={} was served, the last segment was {}", *exchange.msn,
                 end_of(*before.playlist) - 1);
    } else if (held > longest + options.delivery_tolerance) {
      report.add(Rule::blocking_reload_given_up, "held for {}", text_of(held));
    }
  } else if (is_near(exchange, *before.playlist) && !(exchange.status == 503 && held >= longest)) {
    report.add(Rule::blocking_reload_answered, "_HLS_msn={} gave status {} after {}", *exchange.msn, exchange.status,
               text_of(held));
  }
}

void check_directives(const Exchange& exchange, const ParsedMedia& parsed, const MediaPlaylist& whole, Report& report) {
  if (exchange.msn && blocks(whole) && !has_what_was_asked(exchange, whole)) {
    report.add(Rule::blocking_reload_answered,
               "_HLS_msn={} _HLS_part={}: the playlist ends with segment {} and {} parts", *exchange.msn,
               exchange.part.value_or(0), end_of(whole), whole.open ? whole.open->parts.size() : 0);
  }
  const Duration boundary = whole.server_control ? whole.server_control->can_skip_until : Duration();
  if (parsed.skipped_segments == 0) {
    const auto could = skippable(whole);
    if (exchange.skip && could > 0) report.add(Rule::delta_update_given, "{} segments could have been skipped", could);
    return;
  }
  if (!exchange.skip || boundary.count() == 0 || whole.ended) {
    report.add(Rule::delta_update_only_on_request, "{} segments skipped", parsed.skipped_segments);
    return;
  }
  // The parts of the open segment count to the server's favour.
  Duration behind{};
  if (whole.open) {
    for (const auto& part : whole.open->parts) behind += part.duration;
  }
  for (std::size_t i = parsed.skipped_segments; i < whole.segments.size(); ++i) behind += whole.segments[i].duration;
  if (behind < boundary) {
    report.add(Rule::skip_boundary_respected, "a skipped segment ends {} before the end, the boundary is {}",
               text_of(behind), text_of(boundary));
  }
}

}  // namespace sluice::m3u8
