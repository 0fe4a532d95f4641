#include "net/pace.hpp"

#include <algorithm>

#include "net/errc.hpp"

namespace sluice::net {

Pace::Pace(const Body& body, Limits limits, SteadyTime now) : body_(body), limits_(limits), window_began_(now) {}

Result<void> Pace::may_wait(SteadyTime now) {
  bool too_slow = body_.recall != nullptr && body_.recall->wanted_back();
  if (const auto passed = now - window_began_; passed >= limits_.window) {
    const auto rate = static_cast<double>(std::max(body_.least_rate, kLeastRate));
    too_slow = too_slow || static_cast<double>(taken_) < rate * std::chrono::duration<double>(passed).count();
    window_began_ = now;
    taken_ = 0;
  }
  if (!too_slow) return {};
  if (body_.recall != nullptr) body_.recall->on_cut();
  return fail(Errc::too_slow);
}

/// In steps of a tenth: to wake the shard costs more than to look, so that peers are looked at many at a time.
SteadyTime Pace::next_look(SteadyTime now) const {
  const auto wanted = std::min(now + limits_.look, window_began_ + limits_.window).time_since_epoch();
  const auto step = limits_.look / 10;
  return SteadyTime((wanted + step - std::chrono::nanoseconds(1)) / step * step);
}

}  // namespace sluice::net
