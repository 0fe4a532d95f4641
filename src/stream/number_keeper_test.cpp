#include "stream/number_keeper.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

namespace sluice::stream {
namespace {

class NumberKeeperTest : public testing::Test {
 protected:
  NumberKeeperTest() : file_(std::filesystem::path(testing::TempDir()) / ("numbers-" + std::to_string(::getpid()))) {
    std::filesystem::remove(file_);
  }
  ~NumberKeeperTest() override { std::filesystem::remove(file_); }

  std::filesystem::path file_;
};

TEST_F(NumberKeeperTest, CountsUpForEachName) {
  NumberKeeper keeper(file_);
  EXPECT_EQ(keeper.next("a"), 0u);
  EXPECT_EQ(keeper.next("a"), 1u);
  EXPECT_EQ(keeper.next("b/c"), 0u);
}

TEST_F(NumberKeeperTest, GoesOnAboveAfterARestart) {
  std::uint64_t last = 0;
  for (int life = 0; life < 5; ++life) {
    NumberKeeper keeper(file_);
    for (int i = 0; i < 100; ++i) {
      const auto number = keeper.next("a");
      EXPECT_TRUE(number > last || (life == 0 && i == 0)) << life << ' ' << i;
      last = number;
    }
  }
}

TEST_F(NumberKeeperTest, HearsWhatAStreamCountedByItself) {
  {
    NumberKeeper keeper(file_);
    EXPECT_EQ(keeper.next("a"), 0u);
    keeper.used("a", 1000);
    EXPECT_EQ(keeper.next("a"), 1001u);
  }
  NumberKeeper keeper(file_);
  EXPECT_GT(keeper.next("a"), 1001u);
}

TEST_F(NumberKeeperTest, IsBoundedAndNeverGoesBack) {
  std::uint64_t first = 0;
  {
    NumberKeeper keeper(file_);
    for (int i = 0; i < 200; ++i) first = keeper.next("early");
    for (int i = 0; i < 11'000; ++i) keeper.next("name" + std::to_string(i));
  }
  NumberKeeper keeper(file_);
  EXPECT_GT(keeper.next("early"), first) << "forgotten, but what is forgotten begins above it";
}

TEST_F(NumberKeeperTest, ABrokenFileIsNoReasonNotToStart) {
  std::ofstream(file_) << "something else entirely";
  NumberKeeper keeper(file_);
  EXPECT_EQ(keeper.next("a"), 0u);
}

TEST_F(NumberKeeperTest, WithoutAFileItCountsAllTheSame) {
  NumberKeeper keeper({});
  EXPECT_EQ(keeper.next("a"), 0u);
  EXPECT_EQ(keeper.next("a"), 1u);
}

}  // namespace
}  // namespace sluice::stream
