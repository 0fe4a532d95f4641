#include "load/frame_ledger.hpp"

#include <gtest/gtest.h>

namespace sluice::load {
namespace {

FrameLedger after(std::initializer_list<std::uint64_t> frames) {
  FrameLedger ledger;
  for (const auto frame : frames) ledger.add({.run = 1, .frame = frame});
  return ledger;
}

TEST(FrameLedger, HasNothingToComplainOfWhenFramesComeInOrder) {
  const auto ledger = after({41, 42, 43, 44});  // a viewer joins anywhere
  EXPECT_EQ(ledger.lost(), 0u);
  EXPECT_EQ(ledger.repeated(), 0u);
}

TEST(FrameLedger, SeesOneDroppedFrame) {
  const auto ledger = after({1, 2, 4, 5});
  EXPECT_EQ(ledger.lost(), 1u);
  EXPECT_EQ(ledger.repeated(), 0u);
}

TEST(FrameLedger, SeesOneRepeatedFrame) {
  const auto ledger = after({1, 2, 3, 3, 4});
  EXPECT_EQ(ledger.lost(), 0u);
  EXPECT_EQ(ledger.repeated(), 1u);
}

TEST(FrameLedger, CountsEveryFrameOfAGapAndOfARewind) {
  EXPECT_EQ(after({10, 110}).lost(), 99u);
  EXPECT_EQ(after({1, 2, 3, 4, 2, 3, 4, 5}).repeated(), 3u);
}

TEST(FrameLedger, CountsAFrameOutOfOrderAsLostAndRepeated) {
  const auto ledger = after({1, 3, 2, 4});
  EXPECT_EQ(ledger.lost(), 1u);
  EXPECT_EQ(ledger.repeated(), 1u);
}

TEST(FrameLedger, BeginsAnewWithAnotherPublisher) {
  auto ledger = after({500, 501});
  ledger.add({.run = 2, .frame = 1});
  ledger.add({.run = 2, .frame = 2});
  EXPECT_EQ(ledger.lost(), 0u);
  EXPECT_EQ(ledger.repeated(), 0u);
}

TEST(FrameLedger, ForgetsCountsButNotThePlace) {
  auto ledger = after({1, 5});
  ledger.reset_counts();
  EXPECT_EQ(ledger.lost(), 0u);
  ledger.add({.run = 1, .frame = 7});
  EXPECT_EQ(ledger.lost(), 1u);
}

}  // namespace
}  // namespace sluice::load
