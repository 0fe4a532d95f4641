#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "core/time.hpp"

namespace sluice {

/// What a shard did in the last seconds: how much of them it worked, and the longest time for which it did one thing.
class LoadWindow {
 public:
  static constexpr std::int64_t kSeconds = 10;

  struct Recent {
    double busy_share = 0;                    ///< of the whole seconds that lie in the window, 0 to 1
    std::chrono::nanoseconds longest_turn{};  ///< with the second that has begun
  };

  /// A turn that ended at `end`.
  void add(SteadyTime end, std::chrono::nanoseconds turn);
  [[nodiscard]] Recent at(SteadyTime now) const;

 private:
  struct Slot {
    std::int64_t second = -1;
    std::chrono::nanoseconds busy{};
    std::chrono::nanoseconds longest{};
  };
  static std::int64_t second_of(SteadyTime time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  }

  std::array<Slot, kSeconds + 1> slots_;
  std::int64_t first_ = -1;  // the second in which it began
};

}  // namespace sluice
