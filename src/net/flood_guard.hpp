#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.hpp"

namespace sluice::net {

/// Bounds what a peer may have us do for nothing: frames that cost him a few bytes and us work. Each has a price; what
/// he can pay comes back with time, and with what he takes of us, so that whoever uses the connection never runs out.
/// Belongs to a connection.
class FloodGuard {
 public:
  static constexpr double kMost = 1000;
  static constexpr double kPerSecond = 100;

  explicit FloodGuard(SteadyTime now) : at_(now) {}

  /// False when he cannot pay: the connection should end.
  [[nodiscard]] bool pay(double price, SteadyTime now) {
    earn(kPerSecond * std::chrono::duration<double>(now - at_).count());
    at_ = now;
    left_ -= price;
    return left_ >= 0;
  }
  /// He has taken something useful.
  void earn(double amount) { left_ = std::min(kMost, left_ + amount); }

 private:
  double left_ = kMost;
  SteadyTime at_;
};

}  // namespace sluice::net
