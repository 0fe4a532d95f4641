#include "stream/pin_budget.hpp"

namespace sluice::stream {

void enforce_pin_budget(std::span<const Pin> oldest_first, std::uint64_t kept_bytes) {
  const std::uint64_t budget = kept_bytes / 2;
  std::uint64_t pinned = 0;
  for (const Pin& pin : oldest_first) pinned += pin.bytes;
  for (const Pin& pin : oldest_first) {
    if (pinned <= budget) return;
    if (const auto holder = pin.holder.lock()) holder->want_back();
    pinned -= pin.bytes;
  }
}

}  // namespace sluice::stream
