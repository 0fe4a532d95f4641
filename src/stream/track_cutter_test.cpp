#include "stream/track_cutter.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace sluice::stream {
namespace {

constexpr Ticks kFrame{3600};
constexpr Ticks kTarget{18'180};  // five frames and 2 ms
using Place = TrackCutter::Place;

media::Track track(std::string_view codec) { return {.id = "x1", .codec = media::find_codec(codec)}; }

class TrackCutterTest : public testing::Test {
 protected:
  /// Places a frame and lets it wait.
  Place put(TrackCutter& cutter, Ticks dts, Ticks duration = {}) {
    media::Frame frame{.dts = dts, .pts = dts, .duration = duration};
    const Place place = cutter.place(frame);
    if (place != Place::none) cutter.add(frame);
    return place;
  }
  /// Dts of the frames of the part that is ready, which it takes.
  std::vector<std::int64_t> part(TrackCutter& cutter) {
    std::vector<std::int64_t> out;
    const auto frames = cutter.part({.target = kTarget});
    for (const media::Frame& frame : frames) out.push_back(frame.dts.count());
    length = frames.empty() ? Ticks(0) : frames.back().dts + frames.back().duration - frames.front().dts;
    if (!frames.empty()) cutter.take(frames.size());
    return out;
  }

  TrackCutter video{track("h264"), {}};
  TrackCutter audio{track("aac"), {}};
  Ticks length{};
};

TEST_F(TrackCutterTest, APartClosesWithItsLastFrame) {
  for (int i = 0; i < 4; ++i) {
    put(video, i * kFrame);
    EXPECT_TRUE(part(video).empty());
  }
  put(video, 4 * kFrame);
  EXPECT_EQ(part(video).size(), 5U);
  EXPECT_EQ(length, 5 * kFrame);
  EXPECT_TRUE(video.waiting().empty());
  EXPECT_EQ(video.end(), 5 * kFrame);
}

TEST_F(TrackCutterTest, APictureIsShownUntilTheNextOne) {
  put(video, Ticks(0));
  put(video, kFrame);
  put(video, 2 * kFrame + Ticks(500));
  EXPECT_EQ(video.waiting()[1].duration, kFrame + Ticks(500));
  put(video, 3 * kFrame);
  EXPECT_EQ(video.waiting()[2].duration, kFrame - Ticks(500));
  EXPECT_FALSE(video.gap_before());
}

TEST_F(TrackCutterTest, APictureBeforeAHoleFillsItsPart) {
  for (int i = 0; i < 7; ++i) put(video, i * kFrame);
  EXPECT_EQ(part(video).size(), 5U);
  put(video, 100 * kFrame);
  EXPECT_EQ(part(video), (std::vector<std::int64_t>{18'000, 21'600}));
  EXPECT_EQ(length, kTarget);
  EXPECT_TRUE(video.gap_before());
}

TEST_F(TrackCutterTest, APictureIsShownNoLongerThanItsSegment) {
  put(video, Ticks(0));
  put(video, Ticks(50'000));
  EXPECT_EQ(video.last_part({.target = kTarget, .latest = Ticks(10'000)}, Ticks(50'000))[0].duration, Ticks(10'000));
  EXPECT_EQ(video.waiting()[1].dts, Ticks(50'000));
}

TEST_F(TrackCutterTest, PicturesThatComeTooFastGiveWay) {
  EXPECT_EQ(put(video, Ticks(0)), Place::same);
  EXPECT_EQ(put(video, Ticks(0)), Place::same);  // a tick later
  EXPECT_EQ(put(video, Ticks(-900)), Place::behind);
  ASSERT_EQ(video.waiting().size(), 3U);
  EXPECT_EQ(video.waiting()[1].dts, Ticks(1));
  EXPECT_EQ(video.waiting()[2].dts, Ticks(2));
  // The track does not run ahead of its stamps for it.
  EXPECT_LE(*video.end(), kFrame);
}

TEST_F(TrackCutterTest, APictureBehindAClosedPartIsMoved) {
  for (int i = 0; i < 5; ++i) put(video, i * kFrame);
  part(video);
  EXPECT_EQ(put(video, 5 * kFrame - Ticks(180)), Place::same);  // jitter
  EXPECT_EQ(video.waiting()[0].dts, 5 * kFrame);
  EXPECT_NEAR(static_cast<double>(video.end()->count()), 21'420, 50);  // as if it had not been moved
}

TEST_F(TrackCutterTest, WholeFramesOfSoundTooManyAreDropped) {
  const Ticks frame{1920};
  EXPECT_EQ(put(audio, Ticks(0), frame), Place::same);
  EXPECT_EQ(put(audio, Ticks(0), frame), Place::none);
  EXPECT_EQ(put(audio, Ticks(959), frame), Place::none);
  EXPECT_EQ(put(audio, Ticks(961), frame), Place::behind);
  EXPECT_EQ(audio.waiting()[1].dts, frame);
  EXPECT_EQ(audio.waiting()[1].duration, frame);
}

TEST_F(TrackCutterTest, SoundIsStretchedOverWhatIsNoGap) {
  const Ticks frame{1920};
  put(audio, Ticks(0), frame);
  put(audio, frame + Ticks(900), frame);  // 10 ms
  EXPECT_EQ(audio.waiting()[0].duration, frame + Ticks(900));
  put(audio, 3 * frame + Ticks(2000), frame);
  EXPECT_EQ(audio.waiting()[1].duration, frame);
  EXPECT_EQ(part(audio).size(), 2U);
  EXPECT_TRUE(audio.gap_before());
}

TEST_F(TrackCutterTest, SoundIsNeverCutWithinAFrame) {
  const Ticks frame{3'840};  // 42.7 ms: five are too long, four are 84 %
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(part(audio).empty());
    put(audio, i * frame, frame);
  }
  EXPECT_EQ(part(audio).size(), 4U);
  EXPECT_EQ(length, 4 * frame);
}

TEST_F(TrackCutterTest, CuesAreNotDelayedByTheCueBefore) {
  TrackCutter text(track("webvtt"), {});
  EXPECT_EQ(put(text, Ticks(0), Ticks(90'000)), Place::same);
  EXPECT_EQ(put(text, Ticks(45'000), Ticks(90'000)), Place::behind);
  EXPECT_EQ(text.waiting()[1].dts, Ticks(90'000));
  EXPECT_EQ(text.waiting()[1].duration, Ticks(45'000));
  EXPECT_EQ(put(text, Ticks(50'000), Ticks(10'000)), Place::none);
  EXPECT_EQ(text.part({.target = kTarget}).size(), 2U);
}

TEST_F(TrackCutterTest, EventsMayComeAtOnce) {
  TrackCutter data(track("id3"), {});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(put(data, Ticks(100)), Place::same);
  EXPECT_EQ(put(data, Ticks(-9000)), Place::behind);
  EXPECT_EQ(data.waiting()[3].dts, Ticks(100));
}

TEST_F(TrackCutterTest, WhatIsHeldIsNoPart) {
  for (int i = 0; i < 3; ++i) put(video, i * kFrame);
  video.hold(2 * kFrame);
  for (int i = 3; i < 9; ++i) put(video, i * kFrame);
  EXPECT_TRUE(part(video).empty());
  EXPECT_EQ(video.last_part({.target = kTarget}, 2 * kFrame).size(), 2U);
  video.release();
  EXPECT_EQ(part(video).size(), 5U);
}

TEST_F(TrackCutterTest, LastPartsTakeWhatIsLeft) {
  for (int i = 0; i < 8; ++i) put(video, i * kFrame);
  EXPECT_EQ(video.last_part({.target = kTarget}, 7 * kFrame).size(), 5U);
  video.take(5);
  EXPECT_EQ(video.last_part({.target = kTarget}, 7 * kFrame).size(), 2U);
  video.take(2);
  EXPECT_TRUE(video.last_part({.target = kTarget}, 7 * kFrame).empty());
  EXPECT_EQ(video.waiting().size(), 1U);
}

TEST_F(TrackCutterTest, BeginsBehindWhatWasBefore) {
  TrackCutter cutter(track("h264"), Ticks(1000));
  EXPECT_EQ(put(cutter, Ticks(0)), Place::behind);
  EXPECT_EQ(cutter.waiting()[0].dts, Ticks(1000));
  EXPECT_FALSE(cutter.gap_before());
}

TEST_F(TrackCutterTest, FollowsTheRateThroughLossAndChange) {
  Ticks dts{};
  for (int i = 0; i < 50; ++i, dts += Ticks(3003)) put(video, dts);
  EXPECT_NEAR(static_cast<double>(video.interval().count()), 3003, 2);
  dts += 3 * Ticks(3003);
  put(video, dts);
  EXPECT_NEAR(static_cast<double>(video.interval().count()), 3003, 2);
  for (int i = 0; i < 3; ++i) put(video, dts += Ticks(90'000));
  EXPECT_EQ(video.interval(), Ticks(90'000));
}

}  // namespace
}  // namespace sluice::stream
