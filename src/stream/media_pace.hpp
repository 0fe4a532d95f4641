#pragma once

#include <deque>
#include <optional>

#include "core/time.hpp"

namespace sluice::stream {

/// Whether media time follows the wall clock: how far the media of a source has come within half a minute. Has no clock
/// of its own; told once a second.
class MediaPace {
 public:
  static constexpr auto kWindow = std::chrono::seconds(30);
  static constexpr auto kLeast = std::chrono::seconds(10);     ///< of observation, before anything is said
  static constexpr auto kTolerance = std::chrono::seconds(2);  ///< by which the two may come apart

  /// At `now` the newest media stands at `edge`.
  void mark(SteadyTime now, Ticks edge);
  /// Another source, or none: what was is no measure of what comes.
  void reset() { marks_.clear(); }

  /// Seconds of media for each second; nothing while it has not been watched for kLeast.
  [[nodiscard]] std::optional<double> speed() const;
  /// False when the two have come apart; true while nothing is known.
  [[nodiscard]] bool follows() const;

 private:
  struct Mark {
    SteadyTime at;
    Ticks edge;
  };
  std::deque<Mark> marks_;  // the first is kWindow old
};

}  // namespace sluice::stream
