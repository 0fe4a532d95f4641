#pragma once

#include <chrono>
#include <cstdint>

#include "core/body.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace sluice::net {

/// Whether the peer takes a body fast enough to be waited for. He is too slow who takes less than its least rate in a
/// window of time, and when the owner of the bytes wants them back.
class Pace {
 public:
  struct Limits {
    std::chrono::nanoseconds window = std::chrono::seconds(10);
    std::chrono::nanoseconds look = std::chrono::milliseconds(2500);  ///< so often somebody who waits is looked at
  };
  /// Bytes a second below which nobody is waited for, whatever he takes.
  static constexpr std::uint64_t kLeastRate = 1024;

  /// `body` outlives this.
  Pace(const Body& body, Limits limits, SteadyTime now);

  void on_taken(std::size_t bytes) { taken_ += bytes; }
  /// Whether to wait on, now that nothing more is taken. Error: too_slow, which the body's owner has been told.
  Result<void> may_wait(SteadyTime now);
  /// When to ask may_wait() again at the latest.
  [[nodiscard]] SteadyTime next_look(SteadyTime now) const;

 private:
  // borrowed (outlives this)
  const Body& body_;
  // state
  const Limits limits_;
  SteadyTime window_began_;
  std::uint64_t taken_ = 0;  // in the window
};

}  // namespace sluice::net
