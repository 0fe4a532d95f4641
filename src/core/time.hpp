#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>

namespace sluice {

/// Media time: signed 64-bit ticks of 90 kHz, unwrapped. Milliseconds, RTP clocks and 33-bit stamps exist only in the
/// format that has them.
using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 90'000>>;

/// Monotonic time of this process, for arrivals, timers and deadlines.
using SteadyTime = std::chrono::steady_clock::time_point;

/// Wall-clock time (UTC) in microseconds since 1970.
using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;

/// `time` in units of `rate` a second, rounded to nearest; exact where 90000 is a multiple of `rate`.
/// 128-bit inside, so no input overflows before its result does.
constexpr std::int64_t rescale(std::int64_t value, std::int64_t to_rate, std::int64_t from_rate) {
  const __int128 scaled = static_cast<__int128>(value) * to_rate;
  const __int128 half = from_rate / 2;
  return static_cast<std::int64_t>((scaled >= 0 ? scaled + half : scaled - half) / from_rate);
}
constexpr std::int64_t to_rate(Ticks time, std::int64_t rate) { return rescale(time.count(), rate, 90'000); }
constexpr Ticks from_rate(std::int64_t value, std::int64_t rate) { return Ticks(rescale(value, 90'000, rate)); }

constexpr std::chrono::microseconds to_us(Ticks time) {
  return std::chrono::microseconds(rescale(time.count(), 1'000'000, 90'000));
}
template <class Rep, class Period>
constexpr Ticks to_ticks(std::chrono::duration<Rep, Period> d) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(d);
  return Ticks(rescale(us.count(), 90'000, 1'000'000));
}

}  // namespace sluice
