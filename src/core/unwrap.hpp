#pragma once

#include <cstdint>
#include <optional>

namespace sluice {

/// Turns a counter of `Bits` bits that wraps into a 64-bit one that does not: each value is taken as the nearest to the
/// one before, forwards or backwards. Belongs to the format whose stamps have that width.
template <unsigned Bits>
class Unwrapper {
 public:
  static_assert(Bits > 1 && Bits < 63);

  std::int64_t unwrap(std::uint64_t wrapped) {
    constexpr std::int64_t kTurn = std::int64_t{1} << Bits;
    const auto low = static_cast<std::int64_t>(wrapped & (kTurn - 1));
    if (!last_) {
      last_ = low;
      return low;
    }
    std::int64_t delta = (low - *last_) % kTurn;
    if (delta >= kTurn / 2) delta -= kTurn;
    if (delta < -kTurn / 2) delta += kTurn;
    last_ = *last_ + delta;
    return *last_;
  }

 private:
  std::optional<std::int64_t> last_;
};

}  // namespace sluice
