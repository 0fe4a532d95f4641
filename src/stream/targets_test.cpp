#include "stream/targets.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sluice::stream {
namespace {

using namespace std::chrono_literals;

constexpr Ticks ticks(std::chrono::milliseconds d) { return std::chrono::duration_cast<Ticks>(d); }

/// Frames at whole milliseconds, as RTMP has them.
void learn(Targets& targets, std::int64_t rate, std::int64_t scale, int gop, int frames) {
  for (int i = 0; i < frames; ++i) targets.learn(ticks(1ms) * (i * 1000 * scale / rate), i % gop == 0);
}

TEST(Targets, PartTargetIsTheNearestWholeNumberOfFramesAndTwoMilliseconds) {
  const auto part = [](std::int64_t rate, std::int64_t scale, std::chrono::milliseconds chunk) {
    Targets targets(5000ms, chunk);
    learn(targets, rate, scale, 50, 100);
    targets.fix_part(Ticks(1), {});
    return static_cast<double>(targets.part()->count()) / 90;
  };
  EXPECT_NEAR(part(25, 1, 200ms), 202, 0.1);
  EXPECT_NEAR(part(30'000, 1001, 200ms), 202.2, 0.6);
  EXPECT_NEAR(part(24'000, 1001, 200ms), 210.5, 0.6);
  EXPECT_NEAR(part(60'000, 1001, 200ms), 202.2, 0.6);
  EXPECT_NEAR(part(25, 2, 200ms), 242, 0.1);
  EXPECT_NEAR(part(1, 1, 200ms), 1002, 0.1);
  EXPECT_NEAR(part(120, 1, 50ms), 52, 0.6);
  EXPECT_NEAR(part(25, 1, 1000ms), 1002, 0.1);
}

TEST(Targets, PartTargetGrowsUntilTheFramesOfAllTracksFillIt) {
  const std::array intervals{Ticks(3600), from_rate(2048, 48'000), from_rate(1152, 44'100)};
  Targets targets(5000ms, 200ms);
  targets.fix_part(Ticks(3600), intervals);
  for (const Ticks interval : intervals) {
    EXPECT_GE(*targets.part() / interval * interval * 100, *targets.part() * 87);
  }
  EXPECT_LT(*targets.part(), ticks(240ms));
}

TEST(Targets, PartTargetHoldsAFrameOfEachTrack) {
  const auto part = [](Ticks interval) {
    Targets targets(5000ms, 50ms);
    targets.fix_part(Ticks(3600), std::array{Ticks(3600), interval});
    return *targets.part();
  };
  EXPECT_GE(part(from_rate(2048, 8'000)), ticks(256ms));  // HE-AAC at 8 kHz
  EXPECT_GE(part(ticks(1s)), ticks(1s));                  // slides
  EXPECT_EQ(part(ticks(5s)), Ticks(3600) + Ticks(180));   // as much as would spoil it for all others
}

TEST(Targets, FramesThatAreLostDoNotStretchTheTypicalOne) {
  Targets targets(5000ms, 200ms);
  Ticks dts{};
  for (int i = 0; i < 20; ++i) {
    targets.learn(dts, i == 0);
    dts += Ticks(3600) * (i % 7 == 3 ? 12 : 1);
  }
  targets.fix_part(Ticks(1), {});
  EXPECT_EQ(*targets.part(), Ticks(18'180));
}

TEST(Targets, TargetDurationIsTheSegmentInWholeGopsAndASecond) {
  const auto target = [](int gop, Ticks longest = {}) {
    Targets targets(5000ms, 200ms);
    learn(targets, 25, 1, gop, 2 * gop);
    EXPECT_FALSE(targets.learned());
    targets.learn(ticks(40ms) * (2 * gop), true);
    EXPECT_TRUE(targets.learned());
    EXPECT_EQ(targets.gop(), ticks(40ms) * gop);
    targets.fix_segment(longest);
    return *targets.segment();
  };
  EXPECT_EQ(target(25), 6s);
  EXPECT_EQ(target(50), 7s);
  EXPECT_EQ(target(75), 7s);
  EXPECT_EQ(target(250), 11s);
  EXPECT_EQ(target(1), 6s);
  EXPECT_EQ(target(50, ticks(12'600ms)), 14s);
}

TEST(Targets, AreFixedOnce) {
  Targets targets(5000ms, 200ms);
  targets.fix_part(Ticks(3600), {});
  targets.fix_segment(Ticks(0));
  learn(targets, 1, 1, 20, 100);
  targets.fix_part(Ticks(90'000), {});
  targets.fix_segment(ticks(20s));
  EXPECT_EQ(*targets.part(), Ticks(18'180));
  EXPECT_EQ(*targets.segment(), 6s);
}

TEST(Targets, DistancesDoNotReachOverARestart) {
  Targets targets(5000ms, 200ms);
  learn(targets, 25, 1, 50, 60);
  targets.restart();
  targets.learn(ticks(1h), true);
  targets.learn(ticks(1h) + Ticks(3600), true);
  EXPECT_FALSE(targets.learned());
  EXPECT_EQ(targets.gop(), Ticks(3600));
}

TEST(Targets, NoFramesAreEnoughForAnAnswer) {
  for (const auto guess : {Ticks(0), Ticks::max() / 4, Ticks(-5)}) {
    Targets targets(1000ms, 2000ms);
    targets.fix_part(guess, {});
    targets.fix_segment(Ticks(0));
    EXPECT_GT(*targets.part(), Ticks(0));
    EXPECT_LE(*targets.part(), *targets.segment());
  }
}

}  // namespace
}  // namespace sluice::stream
