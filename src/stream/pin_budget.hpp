#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/body.hpp"

namespace sluice::stream {

/// Bytes that are listed no more and stay only because somebody is still sending them.
struct Pin {
  std::uint64_t bytes = 0;
  std::weak_ptr<const Recall> holder;  ///< of their lease; expired: they are on their way back
};

/// Bounds what slow viewers keep in memory: pins may be half of what is kept anyway. The oldest above that, whose
/// viewers are the slowest, are wanted back. `oldest_first`: all there are.
void enforce_pin_budget(std::span<const Pin> oldest_first, std::uint64_t kept_bytes);

}  // namespace sluice::stream
