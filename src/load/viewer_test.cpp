#include "load/viewer.hpp"

#include <gtest/gtest.h>

#include "load/errc.hpp"
#include "net/errc.hpp"

namespace sluice::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyTime kStart{seconds(1000)};

/// One that has its picture, and got its last byte at kStart.
Viewer started(Behaviour behaviour = Behaviour::ordinary) {
  static const Target target;
  Viewer viewer({.target = &target, .behaviour = behaviour});
  viewer.on_connecting();
  viewer.on_started();
  viewer.on_bytes(100, kStart);
  viewer.begin_window();
  return viewer;
}

TEST(Viewer, StallsWhenNoByteComesForMoreThanASecond) {
  Viewer viewer = started();
  viewer.on_bytes(10, kStart + milliseconds(900));
  EXPECT_EQ(viewer.counts().stalls, 0u);
  viewer.on_bytes(10, kStart + milliseconds(2000));
  EXPECT_EQ(viewer.counts().stalls, 1u);
  EXPECT_EQ(viewer.counts().longest_gap, milliseconds(1100));
  EXPECT_EQ(viewer.counts().bytes, 20u);
}

TEST(Viewer, StallsUpToTheEndOfTheWindow) {
  Viewer viewer = started();
  viewer.end_window(kStart + seconds(5));
  EXPECT_EQ(viewer.counts().stalls, 1u);
  EXPECT_EQ(viewer.counts().longest_gap, seconds(5));
}

TEST(Viewer, IsNotStalledByBehavingBadly) {
  for (const auto behaviour : {Behaviour::slow, Behaviour::stalled}) {
    Viewer viewer = started(behaviour);
    viewer.on_bytes(10, kStart + seconds(9));
    viewer.end_window(kStart + seconds(20));
    EXPECT_EQ(viewer.counts().stalls, 0u);
  }
}

TEST(Viewer, OfPlaylistsStallsWhenItsPictureWouldStandStill) {
  Viewer viewer = started();
  viewer.on_media(seconds(2), kStart);                       // lasts to 2 s
  viewer.on_bytes(10, kStart + milliseconds(1500));          // a gap between requests is none of the picture
  viewer.on_media(seconds(2), kStart + milliseconds(1900));  // lasts to 4 s
  viewer.on_media(seconds(2), kStart + milliseconds(4050));  // late, but not so that anybody sees it; to 6 s
  EXPECT_EQ(viewer.counts().stalls, 0u);
  viewer.on_media(seconds(2), kStart + milliseconds(6500));  // stood still for half a second; to 8.5 s
  EXPECT_EQ(viewer.counts().stalls, 1u);
  EXPECT_EQ(viewer.counts().longest_gap, milliseconds(500));
  viewer.end_window(kStart + milliseconds(8400));
  EXPECT_EQ(viewer.counts().stalls, 1u);
  viewer.end_window(kStart + milliseconds(9000));
  EXPECT_EQ(viewer.counts().stalls, 2u);
}

TEST(Viewer, TellsHowItEnded) {
  const auto outcome = [](std::error_code error) {
    Viewer viewer = started();
    viewer.on_end(fail(error));
    return viewer.outcome();
  };
  EXPECT_EQ(outcome(Errc::unreachable), Outcome::unreachable);
  EXPECT_EQ(outcome(Errc::bad_status), Outcome::refused);
  EXPECT_EQ(outcome(Errc::refused), Outcome::refused);
  EXPECT_EQ(outcome(Errc::ended), Outcome::ended);
  EXPECT_EQ(outcome(Errc::bad_answer), Outcome::unreadable);
  EXPECT_EQ(outcome(net::Errc::closed), Outcome::dropped);
  EXPECT_EQ(outcome(net::Errc::deadline), Outcome::dropped);
  EXPECT_EQ(outcome(std::make_error_code(std::errc::timed_out)), Outcome::dropped);
}

TEST(Viewer, WantsFramesUntilItsPictureIsThereOrToTheEnd) {
  static const Target target;
  Viewer cheap({.target = &target});
  Viewer parsed({.target = &target, .parsed = true});
  EXPECT_TRUE(cheap.wants_frames());
  cheap.on_started();
  parsed.on_started();
  EXPECT_FALSE(cheap.wants_frames());
  EXPECT_TRUE(parsed.wants_frames());
}

TEST(Viewer, KnowsItsRate) {
  static const Target target;
  Viewer viewer({.target = &target});
  EXPECT_EQ(viewer.rate(kStart), 0);
  viewer.on_bytes(1000, kStart);
  viewer.on_bytes(1000, kStart + seconds(1));
  EXPECT_DOUBLE_EQ(viewer.rate(kStart + seconds(2)), 1000);
}

}  // namespace
}  // namespace sluice::load
