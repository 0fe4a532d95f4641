#include "load/viewer.hpp"

#include <algorithm>
#include <array>

#include "load/errc.hpp"
#include "net/errc.hpp"

namespace sluice::load {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

Outcome outcome_of(const std::error_code& error) {
  if (error == Errc::unreachable) return Outcome::unreachable;
  if (error == Errc::refused || error == Errc::bad_status) return Outcome::refused;
  if (error == Errc::ended) return Outcome::ended;
  // What the socket says, and a deadline that passed.
  if (error.category() == std::error_code(net::Errc::closed).category() ||
      error.category() == std::generic_category()) {
    return Outcome::dropped;
  }
  return Outcome::unreadable;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  static constexpr std::array<std::string_view, 7> kNames = {"waiting", "playing",    "unreachable", "refused",
                                                             "dropped", "unreadable", "ended"};
  return kNames[static_cast<std::size_t>(outcome)];
}

void Viewer::on_connecting() {
  if (outcome_ != Outcome::waiting) return;
  connecting_ = std::chrono::steady_clock::now();
  outcome_ = Outcome::playing;
}

void Viewer::on_bytes(std::size_t n, SteadyTime now) {
  note_gap(now);
  if (!first_byte_) first_byte_ = now;
  last_byte_ = now;
  counts_.bytes += n;
  all_bytes_ += n;
}

void Viewer::note_gap(SteadyTime now) {
  if (!startup_ || media_until_ || options_.behaviour != Behaviour::ordinary) return;
  const auto gap = duration_cast<microseconds>(now - last_byte_);
  counts_.longest_gap = std::max(counts_.longest_gap, gap);
  if (gap > kStall) ++counts_.stalls;
}

void Viewer::on_started() {
  if (!startup_) startup_ = duration_cast<microseconds>(std::chrono::steady_clock::now() - connecting_);
}

void Viewer::on_video(BytesView payload, bool random_access) {
  ++counts_.video_frames;
  if (random_access) on_started();
  const auto stamp = find_stamp(payload);
  if (!stamp) return;
  ledger_.add(*stamp);
  delay_.add(age(*stamp));
}

void Viewer::on_media(microseconds duration, SteadyTime now) {
  if (media_until_) note_starved(now);
  const bool starved = !media_until_ || now - *media_until_ > kLate;
  media_until_ = (starved ? now : *media_until_) + duration;
}

void Viewer::note_starved(SteadyTime now) {
  if (options_.behaviour != Behaviour::ordinary) return;
  const auto gap = duration_cast<microseconds>(now - *media_until_);
  counts_.longest_gap = std::max(counts_.longest_gap, gap);
  if (gap > kLate) ++counts_.stalls;
}

void Viewer::on_violations(std::span<const m3u8::Violation> violations) {
  violation_count_ += violations.size();
  for (const auto& violation : violations) {
    if (violations_.size() < kMostViolations) violations_.push_back(to_string(violation));
  }
}

void Viewer::on_end(const Result<void>& result) {
  error_ = result ? std::error_code(Errc::ended) : result.error();
  outcome_ = outcome_of(error_);
}

void Viewer::begin_window() {
  counts_ = {};
  ledger_.reset_counts();
  delay_ = {};
}

void Viewer::end_window(SteadyTime now) {
  if (outcome_ != Outcome::playing) return;
  note_gap(now);
  if (media_until_) note_starved(now);
}

double Viewer::rate(SteadyTime now) const {
  if (!first_byte_) return 0;
  const double seconds = std::chrono::duration<double>(now - *first_byte_).count();
  return seconds > 0 ? static_cast<double>(all_bytes_) / seconds : 0;
}

}  // namespace sluice::load
