#include "core/load_window.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr SteadyTime kBegin{seconds(5000)};

TEST(LoadWindow, KnowsNothingAtFirst) {
  const LoadWindow window;
  EXPECT_EQ(window.at(kBegin).busy_share, 0);
  EXPECT_EQ(window.at(kBegin).longest_turn.count(), 0);
}

TEST(LoadWindow, IsTheShareOfTheWholeSecondsThatWereWorked) {
  LoadWindow window;
  // A quarter of each second, in turns of 5 ms.
  for (int i = 0; i < 1000; ++i) window.add(kBegin + milliseconds(20 * i), milliseconds(5));
  EXPECT_NEAR(window.at(kBegin + seconds(20)).busy_share, 0.25, 0.01);
  EXPECT_NEAR(window.at(kBegin + milliseconds(19'500)).busy_share, 0.25, 0.01) << "a second that has begun counts not";
  EXPECT_NEAR(window.at(kBegin + seconds(25)).busy_share, 0.125, 0.01) << "half of it slept";
}

TEST(LoadWindow, CountsWhatThereIsWhenItIsYoung) {
  LoadWindow window;
  window.add(kBegin, milliseconds(500));
  window.add(kBegin + milliseconds(1500), milliseconds(500));
  EXPECT_NEAR(window.at(kBegin + seconds(2)).busy_share, 0.5, 0.01);
}

TEST(LoadWindow, ForgetsALongTurnAfterTenSeconds) {
  LoadWindow window;
  window.add(kBegin, milliseconds(70));
  window.add(kBegin + seconds(1), milliseconds(2));
  EXPECT_EQ(window.at(kBegin + seconds(1)).longest_turn, milliseconds(70));
  EXPECT_EQ(window.at(kBegin + seconds(10)).longest_turn, milliseconds(70));
  EXPECT_EQ(window.at(kBegin + seconds(11)).longest_turn, milliseconds(2));
  EXPECT_EQ(window.at(kBegin + seconds(12)).longest_turn.count(), 0);
}

}  // namespace
}  // namespace sluice
