#include "format/m3u8/checker.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "format/m3u8/directive_rules.hpp"
#include "format/m3u8/playlist_rules.hpp"

namespace sluice::m3u8 {
namespace {

constexpr std::size_t kMaxViolations = 10'000;

bool has_discontinuity(const MediaPlaylist& playlist) {
  return std::ranges::any_of(playlist.segments, &Segment::discontinuity) ||
         (playlist.open && playlist.open->discontinuity);
}

/// What never changes about a playlist, section 6.2.1.
void check_constants(const MediaPlaylist& was, const MediaPlaylist& is, Report& report) {
  if (was.target_duration != is.target_duration) {
    report.add(Rule::target_duration_constant, "{}, was {}", is.target_duration, was.target_duration);
  }
  if (was.part_target != is.part_target) {
    report.add(Rule::part_target_constant, "{}, was {}", text_of(is.part_target), text_of(was.part_target));
  }
  if (was.server_control != is.server_control) report.add(Rule::server_control_constant, "has changed");
  if (was.type != is.type) report.add(Rule::type_constant, "has changed");
}

/// What a live playlist keeps to when it removes segments, section 6.2.2.
void check_removal(const ParsedMedia& parsed, const MediaPlaylist& whole, Report& report) {
  if (whole.type) report.add(Rule::live_has_no_type, "segments were removed");
  if (has_discontinuity(whole) && !parsed.has_discontinuity_sequence) {
    report.add(Rule::discontinuity_sequence_present, "segments were removed");
  }
  const auto left = std::accumulate(whole.segments.begin(), whole.segments.end(), Duration(),
                                    [](Duration all, const Segment& s) { return all + s.duration; });
  if (!whole.ended && left < 3 * std::chrono::seconds(whole.target_duration)) {
    report.add(Rule::live_window_minimum, "{} are left, target duration is {}", text_of(left), whole.target_duration);
  }
}

}  // namespace

std::span<const Violation> ViolationLog::add(std::vector<Violation> violations) {
  const std::size_t before = all_.size();
  for (auto& violation : violations) {
    if (all_.size() < kMaxViolations && told_.emplace(violation.rule, violation.playlist + violation.what).second) {
      all_.push_back(std::move(violation));
    }
  }
  return std::span(all_).subspan(before);
}

std::span<const Violation> Checker::on_answer(const Exchange& exchange) {
  ++reloads_;
  Report report;
  check_status(
      exchange,
      {.playlist = playlist(), .age = std::chrono::duration_cast<Duration>(exchange.requested - current_since_)},
      options_, report);
  if (exchange.status == 200) take_text(exchange, report);
  auto violations = report.take();
  for (auto& violation : violations) violation.reload = reloads_;
  return log_.add(std::move(violations));
}

void Checker::take_text(const Exchange& exchange, Report& report) {
  std::size_t line = 0;
  const auto parsed = read_media(exchange.text, &line);
  if (!parsed) return report.add(Rule::syntax, "line {}: {}", line, parsed.error().message());
  auto whole = merge(current_ ? *current_ : MediaPlaylist(), *parsed);
  if (!whole) return report.add(Rule::syntax, "{}", whole.error().message());

  check_directives(exchange, *parsed, *whole, report);
  check_playlist(*parsed, *whole, options_, report);
  if (current_) check_reload(*parsed, *whole, report);
  history_.take(*whole, whole->media_sequence + parsed->skipped_segments, report);
  pace_.take(exchange, *whole, report);
  current_ = std::move(*whole);
  current_since_ = exchange.answered;
}

void Checker::check_reload(const ParsedMedia& parsed, const MediaPlaylist& whole, Report& report) const {
  check_constants(*current_, whole, report);
  if (whole.media_sequence < current_->media_sequence) {
    report.add(Rule::media_sequence_monotonic, "{}, was {}", whole.media_sequence, current_->media_sequence);
  } else if (whole.media_sequence > current_->media_sequence) {
    check_removal(parsed, whole, report);
  }
  const auto was = edge_of(*current_);
  const auto is = edge_of(whole);
  // Parts of the last segment may go before the next one comes: then only its number tells.
  if (was && (!is || is->msn < was->msn)) {
    report.add(Rule::edge_monotonic, "the playlist ended with segment {}, now with {}", was->msn, is ? is->msn : 0);
  }
  if (current_->ended && (!whole.ended || is != was)) report.add(Rule::end_is_final, "the playlist had ended");
}

}  // namespace sluice::m3u8
