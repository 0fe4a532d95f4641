#include "stream/media_pace.hpp"

namespace sluice::stream {

void MediaPace::mark(SteadyTime now, Ticks edge) {
  marks_.push_back({now, edge});
  while (marks_.size() > 2 && marks_[1].at <= now - kWindow) marks_.pop_front();
}

std::optional<double> MediaPace::speed() const {
  if (marks_.empty()) return {};
  const std::chrono::duration<double> wall = marks_.back().at - marks_.front().at;
  if (wall < kLeast) return {};
  const std::chrono::duration<double> media = marks_.back().edge - marks_.front().edge;
  return media / wall;
}

bool MediaPace::follows() const {
  if (!speed()) return true;
  const std::chrono::duration<double> wall = marks_.back().at - marks_.front().at;
  const std::chrono::duration<double> apart = (marks_.back().edge - marks_.front().edge) - wall;
  return apart <= kTolerance && apart >= -kTolerance;
}

}  // namespace sluice::stream
