#include "transcode/fake/tone.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "transcode/fake/test_picture.hpp"

namespace sluice::transcode::fake {

namespace {

constexpr std::int64_t kPeriod = kSampleRate / kToneFrequency;

const std::array<float, kPeriod>& sine() {
  static const auto table = [] {
    std::array<float, kPeriod> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = std::sin(2 * std::numbers::pi_v<float> * static_cast<float>(i) / static_cast<float>(kPeriod));
    }
    return values;
  }();
  return table;
}

}  // namespace

float tone_level(UtcTime utc) {
  using namespace std::chrono;
  if (!is_beep(utc)) return kQuiet;
  constexpr microseconds slope = 5ms;
  const microseconds since = utc - floor<seconds>(utc);
  const microseconds edge = std::min(since, microseconds(kBeepTime) - since);
  const float rise = std::min(1.0F, static_cast<float>(edge.count()) / static_cast<float>(slope.count()));
  return kQuiet + (kLoud - kQuiet) * rise;
}

void draw_tone(std::span<float> out, std::int64_t first, UtcTime utc) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto n = static_cast<std::int64_t>(i);
    const UtcTime moment = utc + std::chrono::microseconds(rescale(n, 1'000'000, kSampleRate));
    out[i] = tone_level(moment) * sine()[static_cast<std::size_t>((first + n) % kPeriod)];
  }
}

}  // namespace sluice::transcode::fake
