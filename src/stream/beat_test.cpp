#include "stream/beat.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;

constexpr SteadyTime kNow{std::chrono::hours(100) + milliseconds(123)};

TEST(Beat, ComesOnceInAPeriod) {
  SteadyTime at = next_beat("a", kNow, milliseconds(50));
  EXPECT_GT(at, kNow);
  EXPECT_LE(at, kNow + milliseconds(50));
  for (int i = 0; i < 100; ++i) {
    const SteadyTime next = next_beat("a", at, milliseconds(50));
    EXPECT_EQ(next, at + milliseconds(50));
    EXPECT_EQ(next_beat("a", next - std::chrono::nanoseconds(1), milliseconds(50)), next);
    at = next;
  }
}

TEST(Beat, OfALongPeriodIsOneOfItsParts) {
  for (const std::string name : {"a", "b", "live/c", "live/d"}) {
    const SteadyTime at = next_beat(name, kNow, milliseconds(200));
    for (const int part : {25, 50, 100}) {
      EXPECT_EQ(next_beat(name, at - milliseconds(1), milliseconds(part)), at) << name << " " << part;
    }
  }
}

TEST(Beat, IsNotTheSameForAllStreams) {
  std::set<SteadyTime> beats;
  for (int i = 0; i < 200; ++i) beats.insert(next_beat("live/" + std::to_string(i), kNow, milliseconds(50)));
  EXPECT_EQ(beats.size(), 10u);
}

}  // namespace
}  // namespace sluice::stream
