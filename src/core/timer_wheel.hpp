#pragma once

#include <array>
#include <bitset>
#include <cstdint>

#include "core/list.hpp"
#include "core/time.hpp"

namespace sluice {

/// Something that happens once at a time. Destroying it or calling cancel() takes it back. Fires on the shard whose
/// wheel it was given to, at the time asked for or up to 1 ms later, never earlier.
class Timer : private ListNode {
 public:
  [[nodiscard]] bool armed() const noexcept { return linked(); }
  void cancel() noexcept { unlink(); }

 protected:
  ~Timer() = default;

 private:
  friend class TimerWheel;
  friend class List<Timer>;
  virtual void on_timer() = 0;

  std::int64_t due_ms_ = 0;
};

/// All the timers of one shard. Two wheels of lists: 1 ms slots for what is due within a second, 256 ms slots for the
/// rest, moved over when their slot comes up. So arming and cancelling are constant time, and ten thousand parked
/// sessions with deadlines wake the shard four times a second, not each on its own.
class TimerWheel {
 public:
  explicit TimerWheel(SteadyTime now);

  /// Fires `timer` once at `at`; if it is armed already, moves it. The past fires at the next advance.
  void arm(Timer& timer, SteadyTime at);

  /// Fires what is due. A timer may arm or destroy any other from inside.
  void advance(SteadyTime now);

  /// When to call advance() next at the latest; SteadyTime::max() when nothing is armed.
  [[nodiscard]] SteadyTime next() const;

 private:
  static constexpr std::int64_t kFineSlots = 1024;
  static constexpr std::int64_t kCoarseMs = 256;
  static constexpr std::int64_t kCoarseSlots = 1024;

  void place(Timer& timer);

  // Bits are hints: a set bit may stand for a list that was emptied by cancelling.
  std::array<List<Timer>, kFineSlots> fine_;
  std::array<List<Timer>, kCoarseSlots> coarse_;
  mutable std::bitset<kFineSlots> fine_used_;
  mutable std::bitset<kCoarseSlots> coarse_used_;
  SteadyTime start_;
  std::int64_t now_ms_ = 0;  // everything due up to here has fired
};

}  // namespace sluice
