#include "transcode/fake/rate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sluice::transcode::fake {
namespace {

using namespace std::chrono_literals;

TEST(Rate, ReadsNumbersAndFractions) {
  EXPECT_EQ(Rate::parse("25"), (Rate{25, 1}));
  EXPECT_EQ(Rate::parse("12.5"), (Rate{25, 2}));
  EXPECT_EQ(Rate::parse("0.5"), (Rate{1, 2}));
  EXPECT_EQ(Rate::parse("50/2"), (Rate{25, 1}));
  EXPECT_EQ(Rate::parse("30000/1001"), (Rate{30'000, 1001}));
}

TEST(Rate, TakesTheShortFormsOfNtscRatesForWhatTheyMean) {
  EXPECT_EQ(Rate::parse("23.976"), (Rate{24'000, 1001}));
  EXPECT_EQ(Rate::parse("23.98"), (Rate{24'000, 1001}));
  EXPECT_EQ(Rate::parse("29.97"), (Rate{30'000, 1001}));
  EXPECT_EQ(Rate::parse("59.94"), (Rate{60'000, 1001}));
}

TEST(Rate, RefusesWhatIsNoRate) {
  for (const char* text : {"", "0", "-25", "x", "25x", "25/", "/25", "25/0", "-25/-1", "241", "0.09", "nan", "inf",
                           "1e9", "99999999999/1", "25 "}) {
    EXPECT_FALSE(Rate::parse(text)) << text;
  }
}

TEST(Rate, BeginsOfAWeekOfFramesAreExact) {
  const Rate ntsc{30'000, 1001};
  EXPECT_EQ(ntsc.begin(0), 0ns);
  EXPECT_EQ(ntsc.begin(30'000), 1001s);
  EXPECT_EQ(ntsc.begin(30'000 * 604), 1001s * 604);
  EXPECT_EQ(ntsc.begin_ticks(1), Ticks(3003));
  EXPECT_EQ((Rate{48'000, 1024}.begin_ticks(1)), Ticks(1920));
}

RC_GTEST_PROP(Rate, NextIsTheFirstFrameNotBeforeATime, ()) {
  const auto num = *rc::gen::inRange<std::int64_t>(1, 240'000), den = *rc::gen::inRange<std::int64_t>(1, 1002);
  const Rate rate{num, den};
  const std::chrono::nanoseconds time(*rc::gen::inRange<std::int64_t>(0, 40'000'000'000'000));
  const auto n = rate.next(time);
  RC_ASSERT(rate.begin(n) >= time);
  RC_ASSERT(n == 0 || rate.begin(n - 1) < time);
}

}  // namespace
}  // namespace sluice::transcode::fake
