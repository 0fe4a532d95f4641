#include "core/load_window.hpp"

#include <algorithm>

namespace sluice {

void LoadWindow::add(SteadyTime end, std::chrono::nanoseconds turn) {
  const auto second = second_of(end);
  if (first_ < 0) first_ = second;
  Slot& slot = slots_[static_cast<std::size_t>(second) % slots_.size()];
  if (slot.second != second) slot = {.second = second};
  slot.busy += turn;
  slot.longest = std::max(slot.longest, turn);
}

LoadWindow::Recent LoadWindow::at(SteadyTime now) const {
  Recent recent;
  const auto second = second_of(now);
  std::chrono::nanoseconds busy{};
  for (const Slot& slot : slots_) {
    if (slot.second < 0 || slot.second < second - kSeconds) continue;
    recent.longest_turn = std::max(recent.longest_turn, slot.longest);
    if (slot.second < second) busy += slot.busy;
  }
  const auto whole = std::min(kSeconds, first_ < 0 ? 0 : second - first_);
  if (whole > 0) {
    const std::chrono::duration<double> share = busy / static_cast<double>(whole);
    recent.busy_share = std::min(share.count(), 1.0);
  }
  return recent;
}

}  // namespace sluice
