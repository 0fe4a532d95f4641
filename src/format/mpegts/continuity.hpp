#pragma once

#include <cstdint>
#include <optional>

#include "format/mpegts/packet.hpp"

namespace sluice::mpegts {

/// Follows the continuity_counter of one PID (ISO/IEC 13818-1 section 2.4.3.3).
class Continuity {
 public:
  enum class Verdict {
    in_order,
    duplicate,  ///< the packet before once more, as the standard allows once
    lost,       ///< packets before this one are missing
  };

  Verdict check(const PacketView& packet) {
    if (!packet.payload) return Verdict::in_order;
    const auto before = last_;
    last_ = packet.continuity_counter;
    if (!before || packet.discontinuity_indicator) return in_order();
    if (packet.continuity_counter == ((*before + 1) & 0x0f)) return in_order();
    if (packet.continuity_counter == *before && !repeated_) {
      repeated_ = true;
      return Verdict::duplicate;
    }
    repeated_ = false;
    return Verdict::lost;
  }

 private:
  Verdict in_order() {
    repeated_ = false;
    return Verdict::in_order;
  }

  std::optional<std::uint8_t> last_;
  bool repeated_ = false;
};

}  // namespace sluice::mpegts
