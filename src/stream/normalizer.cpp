#include "stream/normalizer.hpp"

#include <algorithm>

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kForwardJump = std::chrono::duration_cast<Ticks>(seconds(3));
constexpr auto kBackwardJump = std::chrono::duration_cast<Ticks>(seconds(1));
constexpr auto kAudioTolerance = std::chrono::duration_cast<Ticks>(milliseconds(40));
constexpr auto kStragglers = seconds(2);
// Where a repaired stamp is put behind the newest one.
constexpr auto kStep = std::chrono::duration_cast<Ticks>(milliseconds(20));

}  // namespace

void Normalizer::set_tracks(const media::Tracks& tracks) {
  clocks_.resize(tracks.size());
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    const bool audio = tracks[i].content() == media::Content::audio;
    clocks_[i].sample_rate = audio ? tracks[i].details.sample_rate : 0;
    clocks_[i].samples_per_frame = audio ? tracks[i].details.samples_per_frame : 0;
    clocks_[i].anchor.reset();
  }
}

bool Normalizer::jumps_away(const TrackClock& clock, Ticks dts, SteadyTime arrival) const {
  if (!newest_) return false;
  const auto passed = to_ticks(std::max(arrival - newest_arrival_, SteadyTime::duration::zero()));
  if (dts - *newest_ > kForwardJump + passed) return true;
  return dts < *newest_ - kBackwardJump - kForwardJump || (clock.last && dts < *clock.last - kBackwardJump);
}

void Normalizer::normalize(media::Frame& frame) {
  TrackClock& clock = clocks_[frame.track];
  Ticks offset = offset_;
  if (jumps_away(clock, frame.dts + offset, frame.arrival)) {
    const bool straggler = former_offset_ && frame.arrival - jump_arrival_ < kStragglers &&
                           !jumps_away(clock, frame.dts + *former_offset_, frame.arrival);
    if (straggler) {
      offset = *former_offset_;
    } else {
      const auto passed = to_ticks(std::max(frame.arrival - newest_arrival_, SteadyTime::duration::zero()));
      former_offset_ = offset_;
      jump_arrival_ = frame.arrival;
      offset = offset_ = *newest_ + std::max(passed, kStep) - frame.dts;
      for (TrackClock& other : clocks_) other.anchor.reset();
      ++jumps_;
    }
  }
  const Ticks composition = std::max(frame.pts - frame.dts, Ticks(0));
  frame.dts += offset;
  if (clock.samples_per_frame != 0 && clock.sample_rate != 0) lay_on_grid(clock, frame);
  frame.pts = frame.dts + composition;
  clock.last = frame.dts;
  if (!newest_ || frame.dts > *newest_) {
    newest_ = frame.dts;
    newest_arrival_ = frame.arrival;
  }
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
