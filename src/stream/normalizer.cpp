#include "stream/normalizer.hpp"

#include <algorithm>
#include <chrono>

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Ticks ticks(milliseconds d) { return std::chrono::duration_cast<Ticks>(d); }

constexpr Ticks kMost{std::int64_t{1} << 56};  // 25,000 years: sums of a few stamps do not overflow
constexpr auto kMostComposition = ticks(seconds(10));
constexpr auto kForwardJump = ticks(seconds(1));
constexpr auto kBackwardJump = ticks(seconds(1));
constexpr auto kFirstFrame = ticks(seconds(10));   // how far a track's first frame may be from the others
constexpr auto kSparseFrame = ticks(seconds(60));  // the same for text and data, always
constexpr auto kBurst = ticks(seconds(120));       // how far ahead of real time a source may run
constexpr auto kAudioTolerance = ticks(milliseconds(40));
constexpr auto kStep = ticks(milliseconds(20));  // from frame to frame, until it is known
constexpr auto kLongestStep = ticks(seconds(10));

Ticks passed(SteadyTime from, SteadyTime to) { return to_ticks(std::max(to - from, SteadyTime::duration::zero())); }

Ticks distance(Ticks a, Ticks b) { return a < b ? b - a : a - b; }

}  // namespace

void Normalizer::set_tracks(const media::Tracks& tracks) {
  const std::vector<TrackClock> former = std::exchange(clocks_, {});
  for (const media::Track& track : tracks) {
    const auto same = std::ranges::find(former, track.id, &TrackClock::id);
    TrackClock clock = same != former.end() ? *same : TrackClock{.id = track.id, .offset = offset_};
    const bool audio = track.content() == media::Content::audio;
    clock.sparse = !audio && track.content() != media::Content::video;
    clock.sample_rate = audio ? track.details.sample_rate : 0;
    clock.samples_per_frame = audio ? track.details.samples_per_frame : 0;
    clock.anchor.reset();
    clocks_.push_back(std::move(clock));
  }
}

void Normalizer::normalize(media::Frame& frame) {
  const Ticks dts = std::clamp(frame.dts, -kMost, kMost);
  const Ticks composition = std::clamp(std::clamp(frame.pts, -kMost, kMost) - dts, Ticks(0), kMostComposition);
  frame.dts = dts;
  if (frame.track < clocks_.size()) {
    TrackClock& clock = clocks_[frame.track];
    if (clock.sparse) {
      frame.dts = place_sparse(clock, dts, frame.arrival);
    } else {
      frame.dts = place(clock, dts, frame.arrival);
      if (clock.samples_per_frame != 0 && clock.sample_rate != 0) lay_on_grid(clock, frame);
      const Ticks step = clock.last ? frame.dts - *clock.last : Ticks(0);
      if (step > Ticks(0) && step < kLongestStep) clock.interval = step;
      clock.last = frame.dts;
      clock.last_arrival = frame.arrival;
      if (!newest_ || frame.dts > *newest_) {
        newest_ = frame.dts;
        newest_arrival_ = frame.arrival;
      }
    }
  }
  frame.pts = frame.dts + composition;
}

/// Where a frame stands that the source puts at `dts`.
Ticks Normalizer::place(TrackClock& clock, Ticks dts, SteadyTime arrival) {
  if (!newest_) {
    first_ = dts + clock.offset;
    first_arrival_ = arrival;
    return first_;
  }
  // Another track may have jumped already, and this one with it or not yet: what fits better is true.
  const Ticks expected =
      clock.last ? *clock.last + passed(clock.last_arrival, arrival) : *newest_ + passed(newest_arrival_, arrival);
  if (distance(dts + offset_, expected) < distance(dts + clock.offset, expected)) clock.offset = offset_;
  if (continues(clock, dts + clock.offset, arrival)) return dts + clock.offset;

  Ticks to = expected;
  if (clock.last) {
    const Ticks step = clock.interval > Ticks(0) ? clock.interval : kStep;
    to = std::max(*clock.last, std::min(std::max(expected, *clock.last + step), furthest(arrival)));
  }
  clock.offset = offset_ = to - dts;
  ++jumps_;
  return to;
}

Ticks Normalizer::place_sparse(TrackClock& clock, Ticks dts, SteadyTime arrival) const {
  if (!newest_) return dts + clock.offset;
  const Ticks expected = *newest_ + passed(newest_arrival_, arrival);
  if (distance(dts + offset_, expected) < distance(dts + clock.offset, expected)) clock.offset = offset_;
  const Ticks at = dts + clock.offset;
  return distance(at, expected) <= kSparseFrame ? at : expected;
}

bool Normalizer::continues(const TrackClock& clock, Ticks dts, SteadyTime arrival) const {
  if (dts > furthest(arrival)) return false;
  const Ticks now = *newest_ + passed(newest_arrival_, arrival);
  if (!clock.last) return distance(dts, now) <= kFirstFrame;
  return dts >= *clock.last - kBackwardJump && dts <= now + std::max(kForwardJump, 3 * clock.interval);
}

/// The end of what a burst at connect explains. A clock that runs fast gets 1 ms a second more.
Ticks Normalizer::furthest(SteadyTime arrival) const {
  const Ticks since = passed(first_arrival_, arrival);
  return first_ + since + since / 1000 + kBurst;
}

void Normalizer::lay_on_grid(TrackClock& clock, media::Frame& frame) {
  const auto at = [&](std::int64_t n) {
    return from_rate(*clock.anchor + n * clock.samples_per_frame, clock.sample_rate);
  };
  if (clock.anchor) {
    const Ticks error = frame.dts - at(clock.frames);
    if (error > kAudioTolerance || error < -kAudioTolerance) clock.anchor.reset();
  }
  if (!clock.anchor) {
    clock.anchor = to_rate(frame.dts, clock.sample_rate);
    clock.frames = 0;
  }
  frame.dts = at(clock.frames);
  frame.duration = at(clock.frames + 1) - frame.dts;
  ++clock.frames;
}

}  // namespace sluice::stream
