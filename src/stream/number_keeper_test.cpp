#include "stream/number_keeper.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "core/log.hpp"

namespace sluice::stream {
namespace {

using std::chrono::minutes;

constexpr UtcTime kNow{std::chrono::years(55)};

class NumberKeeperTest : public testing::Test {
 protected:
  NumberKeeperTest() : file_(std::filesystem::path(testing::TempDir()) / ("numbers-" + std::to_string(::getpid()))) {
    std::filesystem::remove(file_);
  }
  ~NumberKeeperTest() override { std::filesystem::remove_all(file_); }

  std::filesystem::path file_;
};

TEST_F(NumberKeeperTest, CountsUpForEachName) {
  NumberKeeper keeper(file_);
  EXPECT_EQ(keeper.next("a", 0).discontinuity, 0u);
  EXPECT_EQ(keeper.next("a", 0).discontinuity, 1u);
  EXPECT_EQ(keeper.next("b/c", 0).discontinuity, 0u);
}

TEST_F(NumberKeeperTest, SegmentsBeginAsTheStreamAsksAndThenGoOnWithoutAJump) {
  NumberKeeper keeper(file_);
  EXPECT_EQ(keeper.next("a", 500).segment, 500u);
  EXPECT_EQ(keeper.next("a", 900).segment, 500u) << "a life without segments used none";
  keeper.used("a", {.segment = 777}, kNow);
  EXPECT_EQ(keeper.next("a", 900).segment, 778u);
}

TEST_F(NumberKeeperTest, ARestartIsASmallJump) {
  for (const std::uint64_t last : {500, 501, 502, 503, 504}) {
    {
      NumberKeeper keeper(file_);
      keeper.next("a", 500);
      for (auto number = last - 3; number <= last; ++number) keeper.used("a", {.segment = number}, kNow);
    }
    const auto next = NumberKeeper(file_).next("a", 100'000).segment;
    EXPECT_GT(next, last);
    EXPECT_LE(next, last + 4);
    std::filesystem::remove(file_);
  }
}

TEST_F(NumberKeeperTest, GoesOnAboveAfterARestart) {
  Numbers last;
  for (int life = 0; life < 5; ++life) {
    NumberKeeper keeper(file_);
    for (int i = 0; i < 100; ++i) {
      const auto numbers = keeper.next("a", 1);
      EXPECT_TRUE(numbers.discontinuity > last.discontinuity || (life == 0 && i == 0)) << life << ' ' << i;
      EXPECT_GT(numbers.segment, last.segment) << life << ' ' << i;
      last = {.segment = numbers.segment + 9, .discontinuity = numbers.discontinuity};
      keeper.used("a", last, kNow);
    }
  }
}

TEST_F(NumberKeeperTest, HearsWhatAStreamCountedByItself) {
  {
    NumberKeeper keeper(file_);
    EXPECT_EQ(keeper.next("a", 0).discontinuity, 0u);
    keeper.used("a", {.segment = 5000, .discontinuity = 1000}, kNow);
    EXPECT_EQ(keeper.next("a", 0).discontinuity, 1001u);
  }
  NumberKeeper keeper(file_);
  EXPECT_GT(keeper.next("a", 0).discontinuity, 1001u);
  EXPECT_GT(keeper.next("a", 0).segment, 5000u);
}

TEST_F(NumberKeeperTest, KnowsAfterARestartWhoWasOnAirLately) {
  auto keeper = std::make_unique<NumberKeeper>(file_);
  keeper->next("asked/for", 0);
  keeper->next("on/air", 0);
  for (int minute = 0; minute <= 60; ++minute) {
    keeper->used("on/air", {.segment = static_cast<std::uint64_t>(minute)}, kNow + minutes(minute));
  }
  const auto at_the_end = kNow + minutes(60);
  const auto expect_known = [&](const NumberKeeper& by) {
    EXPECT_TRUE(by.was_on_air("on/air", at_the_end));
    EXPECT_TRUE(by.was_on_air("on/air", at_the_end + minutes(9)));
    EXPECT_FALSE(by.was_on_air("on/air", at_the_end + minutes(10)));
    EXPECT_FALSE(by.was_on_air("asked/for", at_the_end)) << "it never had a segment";
    EXPECT_FALSE(by.was_on_air("never", at_the_end));
  };
  expect_known(*keeper);
  keeper.reset();
  expect_known(NumberKeeper(file_));
}

TEST_F(NumberKeeperTest, AClockThatIsSetBackIsNoSourceOnAirForEver) {
  NumberKeeper keeper(file_);
  keeper.used("a", {.segment = 1}, kNow + minutes(60));
  keeper.used("b", {.segment = 1}, kNow + minutes(60));
  keeper.used("a", {.segment = 2}, kNow);  // the clock was wrong
  EXPECT_TRUE(keeper.was_on_air("a", kNow + minutes(9)));
  EXPECT_FALSE(keeper.was_on_air("a", kNow + minutes(10)));
  EXPECT_FALSE(keeper.was_on_air("b", kNow)) << "nobody knows when that was";
  EXPECT_TRUE(keeper.was_on_air("b", kNow + minutes(60)));
}

TEST_F(NumberKeeperTest, WhatCouldNotBeWrittenIsWrittenLater) {
  const auto folder = file_;
  const auto file = folder / "numbers";
  const auto lines = log::counts().lines;
  NumberKeeper keeper(file);
  keeper.next("a", 500);
  while (log::counts().lines == lines) std::this_thread::yield();  // says that it cannot
  std::filesystem::create_directory(folder);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!std::filesystem::exists(file) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_GT(NumberKeeper(file).next("a", 0).segment, 500u);
}

TEST_F(NumberKeeperTest, WhatCannotBeWrittenAtTheEndHoldsUpNobody) {
  const auto began = std::chrono::steady_clock::now();
  {
    NumberKeeper keeper(file_ / "numbers");
    keeper.next("a", 500);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

TEST_F(NumberKeeperTest, IsBoundedAndNeverGoesBack) {
  Numbers first;
  {
    NumberKeeper keeper(file_);
    for (int i = 0; i < 200; ++i) first = keeper.next("early", 4000);
    for (int i = 0; i < 11'000; ++i) keeper.next("name" + std::to_string(i), 0);
  }
  NumberKeeper keeper(file_);
  const Numbers now = keeper.next("early", 0);
  EXPECT_GT(now.discontinuity, first.discontinuity) << "forgotten, but what is forgotten begins above it";
  EXPECT_GT(now.segment, first.segment);
}

TEST_F(NumberKeeperTest, ABrokenFileIsNoReasonNotToStart) {
  std::ofstream(file_) << "something else entirely";
  NumberKeeper keeper(file_);
  EXPECT_EQ(keeper.next("a", 0).discontinuity, 0u);
}

TEST_F(NumberKeeperTest, WithoutAFileItCountsAllTheSame) {
  NumberKeeper keeper({});
  EXPECT_EQ(keeper.next("a", 0).discontinuity, 0u);
  EXPECT_EQ(keeper.next("a", 0).discontinuity, 1u);
}

}  // namespace
}  // namespace sluice::stream
