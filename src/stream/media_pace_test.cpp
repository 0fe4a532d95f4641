#include "stream/media_pace.hpp"

#include <gtest/gtest.h>

namespace sluice::stream {
namespace {

using std::chrono::seconds;

constexpr SteadyTime kBegin{seconds(9000)};

/// `length` seconds, each marked, in which media goes at `speed`.
struct Watched {
  MediaPace pace;
  SteadyTime now = kBegin;
  std::chrono::duration<double> media{};

  void run(int length, double speed) {
    for (int i = 0; i < length; ++i) {
      pace.mark(now, std::chrono::round<Ticks>(media));
      now += seconds(1);
      media += std::chrono::duration<double>(speed);
    }
  }
};

TEST(MediaPace, SaysNothingAtFirst) {
  Watched watched;
  watched.run(10, 0);
  EXPECT_FALSE(watched.pace.speed());
  EXPECT_TRUE(watched.pace.follows());
}

TEST(MediaPace, FollowsTheWallClock) {
  Watched watched;
  watched.run(60, 1);
  EXPECT_NEAR(watched.pace.speed().value(), 1.0, 0.001);
  EXPECT_TRUE(watched.pace.follows());
}

TEST(MediaPace, MayStandStillForAMomentAndCatchUp) {
  Watched watched;
  watched.run(30, 1);
  watched.run(2, 0);
  EXPECT_TRUE(watched.pace.follows());
  watched.run(1, 3);
  watched.run(30, 1);
  EXPECT_TRUE(watched.pace.follows());
}

TEST(MediaPace, IsToldWhenItStopsAndWhenItGoesOn) {
  Watched watched;
  watched.run(60, 1);
  watched.run(4, 0);
  EXPECT_FALSE(watched.pace.follows()) << "it stands still";
  watched.run(32, 1);
  EXPECT_TRUE(watched.pace.follows()) << "what is half a minute ago counts no more";
}

TEST(MediaPace, IsToldWhenItIsTooSlowOrTooFast) {
  for (const double speed : {0.9, 1.1, 8.0}) {
    Watched watched;
    watched.run(60, speed);
    EXPECT_FALSE(watched.pace.follows()) << speed;
    EXPECT_NEAR(watched.pace.speed().value(), speed, 0.001);
  }
}

TEST(MediaPace, AnotherSourceBeginsAnew) {
  Watched watched;
  watched.run(60, 0.5);
  watched.pace.reset();
  watched.run(10, 1);
  EXPECT_TRUE(watched.pace.follows());
  EXPECT_FALSE(watched.pace.speed());
}

}  // namespace
}  // namespace sluice::stream
