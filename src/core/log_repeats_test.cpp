#include "core/log_repeats.hpp"

#include <gtest/gtest.h>

namespace sluice::log {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LogRepeats : public testing::Test {
 protected:
  bool admit(std::uint64_t place, std::string_view subject, std::string_view tail = "") {
    return repeats_.admit(place, subject, now_,
                          {.format = Format::text, .level = Level::warning, .message = "fault", .tail = tail});
  }

  Repeats repeats_;
  SteadyTime now_{seconds(1000)};
};

TEST_F(LogRepeats, OneIsWrittenAndTheRestOfTheSecondCounted) {
  EXPECT_TRUE(admit(1, "a"));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(admit(1, "a", " n=" + std::to_string(i)));
  EXPECT_TRUE(repeats_.take_due(now_ + milliseconds(999)).empty());
  ASSERT_EQ(repeats_.next(), now_ + seconds(1));

  const auto due = repeats_.take_due(now_ + seconds(1));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].message, "fault");
  EXPECT_EQ(due[0].tail, " n=4") << "the newest of them";
  EXPECT_EQ(due[0].repeated, 4u) << "beside this one";
}

TEST_F(LogRepeats, AFaultThatGoesOnIsALineASecond) {
  std::size_t lines = 0;
  for (int i = 0; i < 10'000; ++i, now_ += milliseconds(1)) {
    lines += admit(1, "a");
    lines += repeats_.take_due(now_).size();
  }
  EXPECT_EQ(lines, 10u);
}

TEST_F(LogRepeats, OtherPlacesAndSubjectsAreOtherFaults) {
  EXPECT_TRUE(admit(1, "a"));
  EXPECT_TRUE(admit(1, "b"));
  EXPECT_TRUE(admit(2, "a"));
}

TEST_F(LogRepeats, WhatWasQuietForASecondIsForgotten) {
  EXPECT_TRUE(admit(1, "a"));
  EXPECT_TRUE(repeats_.take_due(now_ + seconds(1)).empty());
  EXPECT_FALSE(repeats_.next());
  now_ += seconds(1);
  EXPECT_TRUE(admit(1, "a"));
}

TEST_F(LogRepeats, AFloodOfSubjectsIsOneFault) {
  std::size_t lines = 0;
  for (int i = 0; i < 100'000; ++i) lines += admit(1, "peer" + std::to_string(i));
  EXPECT_EQ(lines, Repeats::kMost + 1);
  const auto due = repeats_.take_due(now_ + seconds(1));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].repeated, 100'000u - lines - 1);
}

}  // namespace
}  // namespace sluice::log
