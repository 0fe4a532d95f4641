#pragma once

#include "core/time.hpp"

namespace sluice {

/// UTC as the product uses it: the steady clock plus an offset that is only slewed, so it never steps and never goes
/// back, whatever is done to the system's clock.
class WallClock {
 public:
  /// The fastest the offset moves: 1 ms a second, twice what NTP slews by.
  static constexpr std::int64_t kSlewPerMille = 1;

  WallClock(SteadyTime steady, UtcTime utc) : offset_(offset(steady, utc)), disciplined_(steady) {}

  [[nodiscard]] UtcTime at(SteadyTime steady) const {
    return UtcTime(std::chrono::duration_cast<std::chrono::microseconds>(steady.time_since_epoch()) + offset_);
  }

  /// Moves towards what the system's clock says; call it about once a second.
  void discipline(SteadyTime steady, UtcTime system) {
    using std::chrono::microseconds;
    const auto most = std::chrono::duration_cast<microseconds>(steady - disciplined_) * kSlewPerMille / 1000;
    const auto error = offset(steady, system) - offset_;
    offset_ += error > most ? most : error < -most ? -most : error;
    disciplined_ = steady;
  }

 private:
  static std::chrono::microseconds offset(SteadyTime steady, UtcTime utc) {
    return utc.time_since_epoch() - std::chrono::duration_cast<std::chrono::microseconds>(steady.time_since_epoch());
  }

  std::chrono::microseconds offset_;
  SteadyTime disciplined_;
};

}  // namespace sluice
