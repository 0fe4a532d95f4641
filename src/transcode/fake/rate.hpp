#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time.hpp"

namespace sluice::transcode::fake {

/// Units (frames, blocks of samples) a second, as a fraction. Times are counted from the unit's number, never added up,
/// so they do not drift.
struct Rate {
  std::int64_t num = 25;
  std::int64_t den = 1;

  /// Reads "25", "12.5", "30000/1001"; "23.976", "29.97" and "59.94" mean 24000/1001 and so on. 1/10 to 240 a second.
  static std::optional<Rate> parse(std::string_view text);

  /// When unit `n` begins, after the first one.
  [[nodiscard]] std::chrono::nanoseconds begin(std::int64_t n) const {
    return std::chrono::nanoseconds(scaled(n, den * 1'000'000'000, num));
  }
  [[nodiscard]] Ticks begin_ticks(std::int64_t n) const { return Ticks(scaled(n, den * 90'000, num)); }
  /// The first unit that begins at `time` or after it. REQUIRES: time >= 0.
  [[nodiscard]] std::int64_t next(std::chrono::nanoseconds time) const;

  bool operator==(const Rate&) const = default;

 private:
  /// value * mul / div, rounded to nearest, without overflow on the way.
  static std::int64_t scaled(std::int64_t value, std::int64_t mul, std::int64_t div) {
    return rescale(value, mul, div);
  }
};

}  // namespace sluice::transcode::fake
