#include "core/wall_clock.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kSteady{100h};
constexpr UtcTime kUtc{std::chrono::seconds(1'774'166'797)};

TEST(WallClock, GoesOnWithTheSteadyClock) {
  const WallClock clock(kSteady, kUtc);
  EXPECT_EQ(clock.at(kSteady), kUtc);
  EXPECT_EQ(clock.at(kSteady + 1h), kUtc + 1h);
  EXPECT_EQ(clock.at(kSteady - 1s), kUtc - 1s);
}

TEST(WallClock, TakesASmallErrorAtOnce) {
  WallClock clock(kSteady, kUtc);
  clock.discipline(kSteady + 10s, kUtc + 10s + 7ms);
  EXPECT_EQ(clock.at(kSteady + 10s), kUtc + 10s + 7ms);
}

TEST(WallClock, SlewsByAMillisecondASecond) {
  WallClock clock(kSteady, kUtc);
  for (auto second = 1s; second <= 100s; ++second) clock.discipline(kSteady + second, kUtc + second + 1h);
  EXPECT_EQ(clock.at(kSteady + 100s), kUtc + 100s + 100ms);
  for (auto second = 101s; second <= 300s; ++second) clock.discipline(kSteady + second, kUtc + second - 1h);
  EXPECT_EQ(clock.at(kSteady + 300s), kUtc + 300s - 100ms);
}

TEST(WallClock, FollowsADriftOfTheSteadyClockExactly) {
  WallClock clock(kSteady, kUtc);
  // A crystal that is 100 ppm slow: true time is ahead by 100 us a second.
  for (auto second = 1s; second <= 3600s; ++second) {
    const auto truth = kUtc + second + second.count() * 100us;
    clock.discipline(kSteady + second, truth);
    ASSERT_EQ(clock.at(kSteady + second), truth);
  }
}

RC_GTEST_PROP(WallClockProperty, NeverGoesBackWhateverTheSystemSays, ()) {
  WallClock clock(kSteady, kUtc);
  auto steady = kSteady;
  auto before = clock.at(steady);
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 10'000), rc::gen::inRange(-100'000'000, 100'000'000)));
  for (const auto& [milliseconds, error] : steps) {
    const std::chrono::microseconds passed = milliseconds * 1ms;
    steady += passed;
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(steady - kSteady);
    clock.discipline(steady, kUtc + elapsed + error * 1ms);
    const auto now = clock.at(steady);
    RC_ASSERT(now >= before + passed * 999 / 1000);
    RC_ASSERT(now <= before + passed * 1001 / 1000);
    before = now;
  }
}

}  // namespace
}  // namespace sluice
