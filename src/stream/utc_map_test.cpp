#include "stream/utc_map.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>
#include <vector>

namespace sluice::stream {
namespace {

using namespace std::chrono_literals;
using Us = std::chrono::microseconds;

constexpr UtcTime kStart{std::chrono::seconds(1'774'166'797)};
constexpr auto kFrame = 40ms;

/// Frames of one source, 25 a second.
struct Source {
  UtcMap map;
  Us media{};  // stamp of the next frame

  void frame(Us late = {}) {
    map.observe(to_ticks(media), kStart + shift + media + late);
    media += kFrame;
  }
  void run(Us length, Us late = {}) {
    for (const Us end = media + length; media < end;) frame(late);
  }
  Us error() const { return map.at(to_ticks(media)) - (kStart + shift + media); }

  Us shift{};  // of arrivals, for good
};

TEST(UtcMap, SettlesAfterTwoSecondsOnTheFrameThatCameFastest) {
  Source source;
  source.run(1s, 80ms);
  source.frame(30ms);
  source.run(900ms, 90ms);
  EXPECT_FALSE(source.map.settled());
  EXPECT_FALSE(source.map.vouches_for(Ticks(0), kStart));
  source.run(200ms, 50ms);
  EXPECT_TRUE(source.map.settled());
  EXPECT_TRUE(source.map.vouches_for(Ticks(0), kStart));
  EXPECT_EQ(source.error(), 30ms);
}

TEST(UtcMap, WaitsForTheEndOfABurstAtConnect) {
  // Ten seconds of media come in five.
  Source source;
  for (Us late = 5s; late > 0s; late -= kFrame / 2) {
    source.frame(late);
    EXPECT_FALSE(source.map.settled());
  }
  source.run(2s);
  EXPECT_TRUE(source.map.settled());
  EXPECT_EQ(source.error(), 0us);
}

TEST(UtcMap, DoesNotWaitForASourceThatIsAlwaysFaster) {
  Source source;
  for (int i = 0; i < 330; ++i) source.frame(-source.media / 5);
  EXPECT_TRUE(source.map.settled());  // after 10 s of arrivals
}

TEST(UtcMap, SlewsByAMillisecondASecondAtMost) {
  Source source;
  source.run(3s);
  source.shift = 2s;
  source.run(70s);  // the last minute knows only the new delay
  const Us before = source.error();
  source.map.slew(to_ticks(5s));
  EXPECT_EQ(source.error() - before, 5ms);
  source.map.slew(Ticks(-900));
  EXPECT_EQ(source.error() - before, 5ms);
}

TEST(UtcMap, ALateStretchMovesNothing) {
  Source source;
  source.run(60s);
  source.run(20s, 4s);
  for (int i = 0; i < 10; ++i) source.map.slew(to_ticks(5s));
  EXPECT_EQ(source.error(), 0us);
  EXPECT_FALSE(source.map.doubtful());
}

TEST(UtcMap, IsDoubtfulUntilALateSourceCatchesUp) {
  Source source;
  source.run(10s);
  source.frame(30s);
  EXPECT_TRUE(source.map.doubtful());
  EXPECT_FALSE(source.map.wrong());
  const Ticks border = to_ticks(source.media);
  const UtcTime arrival = kStart + source.media + 30s;
  EXPECT_FALSE(source.map.vouches_for(border, arrival));
  EXPECT_TRUE(source.map.vouches_for(Ticks(0), kStart));  // that came in time
  for (Us late = 30s; late > 28s; late -= 30ms) source.frame(late);
  EXPECT_FALSE(source.map.doubtful());
  EXPECT_TRUE(source.map.vouches_for(border, arrival));
  source.run(1s);
  EXPECT_FALSE(source.map.wrong());
  EXPECT_EQ(source.error(), 0us);
}

TEST(UtcMap, IsWrongWhenALateSourceDoesNotCatchUp) {
  Source source;
  source.run(10s);
  source.shift = 600s;
  source.run(1900ms);
  EXPECT_TRUE(source.map.doubtful());
  EXPECT_FALSE(source.map.wrong());
  source.run(200ms);
  EXPECT_TRUE(source.map.wrong());
  EXPECT_EQ(source.error(), -600s);  // as long as the run lasts
  source.map.begin_run();
  EXPECT_FALSE(source.map.wrong());
  EXPECT_EQ(source.error(), 0us);
}

TEST(UtcMap, ARunThatBeginsInDoubtSettlesEitherWay) {
  for (const bool catches_up : {false, true}) {
    Source source;
    source.run(10s);
    source.shift = 20s;
    source.run(500ms);
    source.map.begin_run();
    EXPECT_FALSE(source.map.settled());
    if (catches_up) source.shift = 0s;
    source.run(2s);
    EXPECT_TRUE(source.map.settled());
    EXPECT_EQ(source.error(), 0us);
  }
}

TEST(UtcMap, TheSourcesOwnClockWinsFromItsFirstWord) {
  UtcMap map;
  map.observe(Ticks(0), kStart + 3s);
  map.observe(Ticks(3600), kStart + 40ms + 3s, kStart + 40ms);
  EXPECT_TRUE(map.settled());
  EXPECT_EQ(map.at(Ticks(0)), kStart);
  map.observe(Ticks(7200), kStart - 1h);  // without its word, a frame says nothing
  EXPECT_EQ(map.at(Ticks(0)), kStart);
}

TEST(UtcMap, AClockThatIsADayOffIsNotListenedTo) {
  UtcMap map;
  map.observe(Ticks(0), kStart, UtcTime(0s));
  EXPECT_EQ(map.at(Ticks(0)), kStart);
  EXPECT_FALSE(map.settled());
}

TEST(UtcMap, KeepsBehindAFloor) {
  Source source;
  source.run(3s);
  source.map.keep_after(Ticks(0), kStart - 1s);
  EXPECT_EQ(source.error(), 0us);
  source.map.keep_after(Ticks(0), kStart + 5ms);
  EXPECT_EQ(source.error(), 5ms);
}

RC_GTEST_PROP(UtcMapProperty, MovesByNoMoreThanItMay, ()) {
  UtcMap map;
  Us media{};
  Us arrival{};
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(-3000, 10'000), rc::gen::inRange(0, 10'000)));
  for (const auto& [stamp, passed] : steps) {
    media += stamp * 1ms;
    arrival += passed * 1ms;
    map.observe(to_ticks(media), kStart + arrival);
    if (!map.settled()) continue;
    const auto before = map.at(Ticks(0));
    map.slew(to_ticks(stamp * 1ms));
    RC_ASSERT(std::chrono::abs(map.at(Ticks(0)) - before) <= Us(std::max(stamp, 0)));
    RC_ASSERT(!map.wrong() || map.doubtful());
  }
}

}  // namespace
}  // namespace sluice::stream
