#include "core/timer_wheel.hpp"

#include <algorithm>

namespace sluice {

TimerWheel::TimerWheel(SteadyTime now) : start_(now) {}

void TimerWheel::arm(Timer& timer, SteadyTime at) {
  timer.due_ms_ = std::chrono::ceil<std::chrono::milliseconds>(at - start_).count();
  timer.due_ms_ = std::max(timer.due_ms_, now_ms_ + 1);
  place(timer);
}

void TimerWheel::place(Timer& timer) {
  if (timer.due_ms_ - now_ms_ < kFineSlots) {
    const auto slot = static_cast<std::size_t>(timer.due_ms_ % kFineSlots);
    fine_[slot].push_back(timer);
    fine_used_.set(slot);
  } else {
    const auto slot = static_cast<std::size_t>(timer.due_ms_ / kCoarseMs % kCoarseSlots);
    coarse_[slot].push_back(timer);
    coarse_used_.set(slot);
  }
}

void TimerWheel::advance(SteadyTime now) {
  const std::int64_t target = std::chrono::floor<std::chrono::milliseconds>(now - start_).count();
  List<Timer> expired;
  while (now_ms_ < target) {
    ++now_ms_;
    if (now_ms_ % kCoarseMs == 0) {
      // Entries of this coarse slot are due within the next 256 ms, or a whole turn of the wheel later.
      const auto slot = static_cast<std::size_t>(now_ms_ / kCoarseMs % kCoarseSlots);
      List<Timer> due;
      due.splice(coarse_[slot]);
      coarse_used_.reset(slot);
      while (Timer* timer = due.pop_front()) {
        if (timer->due_ms_ <= now_ms_) {
          expired.push_back(*timer);
        } else {
          place(*timer);
        }
      }
    }
    const auto slot = static_cast<std::size_t>(now_ms_ % kFineSlots);
    expired.splice(fine_[slot]);
    fine_used_.reset(slot);
  }
  while (Timer* timer = expired.pop_front()) timer->on_timer();
}

SteadyTime TimerWheel::next() const {
  const auto at = [&](std::int64_t ms) { return start_ + std::chrono::milliseconds(ms); };
  std::int64_t best = INT64_MAX;
  if (fine_used_.any()) {
    for (std::int64_t i = 1; i < kFineSlots; ++i) {
      const auto slot = static_cast<std::size_t>((now_ms_ + i) % kFineSlots);
      if (!fine_used_.test(slot)) continue;
      if (fine_[slot].empty()) {
        fine_used_.reset(slot);
        continue;
      }
      best = now_ms_ + i;
      break;
    }
  }
  if (coarse_used_.any()) {
    const std::int64_t turn = now_ms_ / kCoarseMs;
    for (std::int64_t i = 1; i <= kCoarseSlots && (turn + i) * kCoarseMs < best; ++i) {
      const auto slot = static_cast<std::size_t>((turn + i) % kCoarseSlots);
      if (!coarse_used_.test(slot)) continue;
      if (coarse_[slot].empty()) {
        coarse_used_.reset(slot);
        continue;
      }
      best = (turn + i) * kCoarseMs;
      break;
    }
  }
  return best == INT64_MAX ? SteadyTime::max() : at(best);
}

}  // namespace sluice
