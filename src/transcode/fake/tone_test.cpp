#include "transcode/fake/tone.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace sluice::transcode::fake {
namespace {

using namespace std::chrono_literals;

constexpr UtcTime kSecond(1'700'000'000s);

float peak(std::span<const float> samples) {
  return std::ranges::max(samples, {}, [](float v) { return std::abs(v); });
}

TEST(Tone, BeepsAtTheStartOfASecond) {
  std::vector<float> second(kSampleRate);
  draw_tone(second, 0, kSecond);
  EXPECT_NEAR(std::abs(peak(std::span(second).first(4800))), kLoud, 0.001);     // 100 ms
  EXPECT_NEAR(std::abs(peak(std::span(second).subspan(4800))), kQuiet, 0.001);  // the rest
}

TEST(Tone, IsOfOneKilohertz) {
  std::vector<float> second(kSampleRate);
  draw_tone(second, 0, kSecond);
  int rising = 0;
  for (std::size_t i = 1; i < second.size(); ++i) rising += second[i - 1] < 0 && second[i] >= 0 ? 1 : 0;
  EXPECT_NEAR(rising, kToneFrequency, 1);
}

TEST(Tone, BlocksFollowEachOtherWithoutAStep) {
  std::vector<float> whole(4096), blocks(4096);
  draw_tone(whole, 0, kSecond);
  for (std::int64_t at = 0; at < 4096; at += 1024) {
    const std::chrono::microseconds since(rescale(at, 1'000'000, kSampleRate));
    draw_tone(std::span(blocks).subspan(static_cast<std::size_t>(at), 1024), at, kSecond + since);
  }
  for (std::size_t i = 0; i < whole.size(); ++i) ASSERT_NEAR(whole[i], blocks[i], 0.001) << i;
}

TEST(Tone, RisesAndFallsWithoutClicks) {
  EXPECT_FLOAT_EQ(tone_level(kSecond), kQuiet);
  EXPECT_FLOAT_EQ(tone_level(kSecond + 5ms), kLoud);
  EXPECT_FLOAT_EQ(tone_level(kSecond + 95ms), kLoud);
  EXPECT_LT(tone_level(kSecond + 99ms), 0.1F);
  EXPECT_FLOAT_EQ(tone_level(kSecond + 100ms), kQuiet);
}

}  // namespace
}  // namespace sluice::transcode::fake
