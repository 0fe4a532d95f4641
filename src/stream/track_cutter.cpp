#include "stream/track_cutter.hpp"

#include <algorithm>
#include <chrono>

namespace sluice::stream {
namespace {

using media::Content;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Ticks ticks(milliseconds d) { return std::chrono::duration_cast<Ticks>(d); }

constexpr auto kLeastGap = ticks(milliseconds(10));
constexpr auto kJitter = ticks(milliseconds(2));  // moved by less is not moved
constexpr auto kLongestFrame = ticks(seconds(10));
constexpr int kMeanOf = 16;
constexpr auto kDefaultInterval = ticks(milliseconds(40));

Ticks end_of(const media::Frame& frame) { return frame.dts + frame.duration; }

bool long_enough(Ticks length, Ticks target) { return length * 100 >= target * 85; }

Ticks first_interval(const media::Track& track) {
  const auto& details = track.details;
  if (details.fps >= 1) return Ticks(static_cast<std::int64_t>(90'000 / details.fps));
  if (details.sample_rate != 0 && details.samples_per_frame != 0) {
    return from_rate(details.samples_per_frame, details.sample_rate);
  }
  return kDefaultInterval;
}

}  // namespace

TrackCutter::TrackCutter(const media::Track& track, std::optional<Ticks> end)
    : content_(track.content()), end_(end), interval_(std::max(first_interval(track), Ticks(1))) {}

bool TrackCutter::sparse() const { return content_ == Content::text || content_ == Content::data; }

Ticks TrackCutter::gap_threshold() const { return std::max(interval_ / 2, kLeastGap); }

TrackCutter::Place TrackCutter::place(media::Frame& frame) {
  const Ticks asked = frame.dts;
  learn_interval(frame);
  if (content_ == Content::data) {
    frame.dts = std::max(asked, end_.value_or(asked));
    frame.duration = Ticks(0);
  } else {
    const Ticks duration = frame.duration > Ticks(0) ? std::min(frame.duration, kLongestFrame) : interval_;
    if (end_ && asked > *end_) reach(asked);
    if (end_ && asked < *end_) {
      // What is dropped here would else leave sound behind the picture for good, and cues behind the sound.
      if (content_ == Content::audio && asked + duration / 2 < *end_) return Place::none;
      if (content_ == Content::text && asked + duration <= *end_) return Place::none;
      if (content_ == Content::video) give_way(asked);
      frame.dts = std::max(asked, *end_);
    }
    frame.duration = content_ == Content::audio ? duration : std::max(asked + duration - frame.dts, Ticks(1));
  }
  frame.pts = std::max(frame.pts, frame.dts);
  return frame.dts - asked > kJitter ? Place::behind : Place::same;
}

void TrackCutter::add(media::Frame frame) {
  end_ = end_of(frame);
  waiting_.push_back(std::move(frame));
}

/// Follows the distance of the frames slowly, so that stamps in whole milliseconds do not shake it, and not for a
/// single frame that is lost or late.
void TrackCutter::learn_interval(const media::Frame& frame) {
  const auto alike = [](Ticks a, Ticks b) { return a > b * 3 / 4 && a < b * 5 / 4; };
  const Ticks distance = last_asked_ ? frame.dts - *last_asked_ : Ticks(0);
  last_asked_ = frame.dts;
  if (content_ == Content::audio && frame.duration > Ticks(0)) {
    interval_ = std::min(frame.duration, kLongestFrame);
  } else if (distance > Ticks(0) && distance < kLongestFrame) {
    if (intervals_ > 0 && alike(distance, interval_)) {
      intervals_ = std::min(intervals_ + 1, kMeanOf);
      interval_ += (distance - interval_) / intervals_;
      outlier_ = Ticks(0);
    } else if (intervals_ == 0 || alike(distance, outlier_)) {
      interval_ = distance;
      intervals_ = 1;
    } else {
      outlier_ = distance;
    }
  }
}

/// The next frame begins later than the newest ends: a picture stays until then, a sound as long as it is no gap.
void TrackCutter::reach(Ticks dts) {
  if (waiting_.empty() || content_ == Content::text) return;
  if (content_ != Content::video && dts - *end_ > gap_threshold()) return;
  waiting_.back().duration = dts - waiting_.back().dts;
  end_ = dts;
}

/// The next picture comes before the newest one ends: its duration was a guess.
void TrackCutter::give_way(Ticks dts) {
  if (waiting_.empty()) return;
  media::Frame& last = waiting_.back();
  last.duration = std::max(dts - last.dts, Ticks(1));
  end_ = end_of(last);
}

/// How many of the first `count` waiting frames go into one part.
TrackCutter::Fill TrackCutter::fill(Limits limits, std::size_t count) {
  for (std::size_t n = 0; n < count; ++n) {
    const media::Frame& frame = waiting_[n];
    if (n > 0 && frame.dts != end_of(waiting_[n - 1])) return {.frames = n, .full = true};
    // A picture may be shown shorter than it lasts: what remains is a hole. Only a guess makes a sound last so long.
    if (end_of(frame) > limits.latest) shorten(n, limits.latest - frame.dts);
    const Ticks length = frame.dts - waiting_[0].dts;
    if (length + frame.duration <= limits.target) continue;
    const bool divisible = content_ == Content::video || n == 0;
    if (!divisible || long_enough(length, limits.target)) return {.frames = n, .full = true};
    shorten(n, limits.target - length);
    return {.frames = n + 1, .full = true};
  }
  return {.frames = count, .full = false};
}

void TrackCutter::shorten(std::size_t index, Ticks duration) {
  waiting_[index].duration = std::max(duration, Ticks(1));
  if (index + 1 == waiting_.size()) end_ = end_of(waiting_[index]);
}

std::span<const media::Frame> TrackCutter::part(Limits limits) {
  if (sparse()) return waiting();
  std::size_t count = waiting_.size();
  if (held_) {
    const auto first = std::ranges::find_if(waiting_, [&](const media::Frame& f) { return f.dts >= *held_; });
    count = static_cast<std::size_t>(first - waiting_.begin());
  }
  const Fill filled = fill(limits, count);
  if (filled.frames == 0) return {};
  const Ticks length = end_of(waiting_[filled.frames - 1]) - waiting_[0].dts;
  // Closed at once, without waiting for the frame that would not fit.
  if (!filled.full && !(long_enough(length, limits.target) && length + interval_ > limits.target)) return {};
  return waiting().first(filled.frames);
}

std::span<const media::Frame> TrackCutter::last_part(Limits limits, Ticks from) {
  const auto first = std::ranges::find_if(waiting_, [&](const media::Frame& f) { return f.dts >= from; });
  return waiting().first(fill(limits, static_cast<std::size_t>(first - waiting_.begin())).frames);
}

bool TrackCutter::gap_before() const {
  return !sparse() && parts_end_ && !waiting_.empty() && waiting_[0].dts - *parts_end_ > gap_threshold();
}

void TrackCutter::take(std::size_t count) {
  parts_end_ = end_of(waiting_[count - 1]);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace sluice::stream
