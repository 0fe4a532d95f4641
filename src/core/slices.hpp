#pragma once

#include <chrono>

#include "core/shard.hpp"

namespace sluice {

/// For work on a shard that is too long for one turn: `if (slices.due()) co_await slices.next();` between its steps
/// keeps each turn short. Asks the clock only now and then, so a step should be short, too.
class Slices {
 public:
  /// True when others should get their turn.
  [[nodiscard]] bool due() {
    return ++steps_ % kStepsBetweenLooks == 0 && std::chrono::steady_clock::now() - began_ >= kSlice;
  }

  /// Lets everything else that is ready run.
  Task<void> next() {
    co_await yield();
    began_ = std::chrono::steady_clock::now();
  }

 private:
  static constexpr unsigned kStepsBetweenLooks = 16;
  static constexpr auto kSlice = std::chrono::milliseconds(1);

  SteadyTime began_ = std::chrono::steady_clock::now();
  unsigned steps_ = 0;
};

}  // namespace sluice
