#include "format/mpegts/continuity.hpp"

#include <gtest/gtest.h>

namespace sluice::mpegts {
namespace {

using enum Continuity::Verdict;

PacketView packet(std::uint8_t counter) {
  PacketView view;
  view.continuity_counter = counter;
  view.payload = BytesView();
  return view;
}

TEST(Continuity, CountsToFifteenAndOnFromZero) {
  Continuity continuity;
  for (unsigned i = 5; i < 40; ++i) EXPECT_EQ(continuity.check(packet(i % 16)), in_order);
  EXPECT_EQ(continuity.check(packet(9)), lost);
  EXPECT_EQ(continuity.check(packet(10)), in_order);
}

TEST(Continuity, TakesOneDuplicate) {
  Continuity continuity;
  EXPECT_EQ(continuity.check(packet(5)), in_order);
  EXPECT_EQ(continuity.check(packet(5)), duplicate);
  EXPECT_EQ(continuity.check(packet(5)), lost);
  EXPECT_EQ(continuity.check(packet(6)), in_order);
  EXPECT_EQ(continuity.check(packet(6)), duplicate);
}

TEST(Continuity, DoesNotCountPacketsWithoutPayload) {
  Continuity continuity;
  EXPECT_EQ(continuity.check(packet(5)), in_order);
  PacketView clock = packet(5);
  clock.payload.reset();
  EXPECT_EQ(continuity.check(clock), in_order);
  EXPECT_EQ(continuity.check(packet(6)), in_order);
}

TEST(Continuity, MayJumpWhereThatIsAnnounced) {
  Continuity continuity;
  EXPECT_EQ(continuity.check(packet(5)), in_order);
  PacketView jump = packet(0);
  jump.discontinuity_indicator = true;
  EXPECT_EQ(continuity.check(jump), in_order);
  EXPECT_EQ(continuity.check(packet(1)), in_order);
}

}  // namespace
}  // namespace sluice::mpegts
