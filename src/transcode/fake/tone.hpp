#pragma once

#include <cstdint>
#include <span>

#include "core/time.hpp"

namespace sluice::transcode::fake {

inline constexpr std::int64_t kSampleRate = 48'000;  ///< Hz
inline constexpr int kToneFrequency = 1'000;         ///< Hz; divides the sample rate, so that a period is whole samples
inline constexpr float kQuiet = 0.02F;               ///< amplitude between the beeps, of full scale
inline constexpr float kLoud = 0.25F;                ///< amplitude of the beep

/// The amplitude at a moment: loud in the first 100 ms of each second, quiet otherwise, with slopes of 5 ms inside the
/// beep so that it does not click.
float tone_level(UtcTime utc);

/// Fills `out` with the sine from sample number `first` on, whose moment is `utc`.
void draw_tone(std::span<float> out, std::int64_t first, UtcTime utc);

}  // namespace sluice::transcode::fake
