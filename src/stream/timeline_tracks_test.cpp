#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "stream/source_model.hpp"

/// How the tracks of a timeline go together, and what happens when one is missing.

namespace sluice::stream::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr Ticks ticks(std::chrono::milliseconds d) { return std::chrono::duration_cast<Ticks>(d); }

bool between(Us time, Us begin, Us end) { return time >= begin && time < end; }

void play(Player& player, const Scripts& scripts, Us length) {
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, length));
}

/// The dts of a track's first frame in each segment.
std::vector<Ticks> cuts(const StoreModel& model, std::uint32_t track) {
  std::vector<Ticks> out;
  for (const auto& segment : model.segments()) {
    if (!segment.tracks[track].parts.empty()) out.push_back(segment.tracks[track].parts[0].dts);
  }
  return out;
}

TEST(TimelineTracks, AllVideoTracksCutAtTheSameTimes) {
  Player player;
  TrackScript small = video(25, 1, 50);
  small.delay = 70ms;
  TrackScript half = video(25, 2, 25);
  half.delay = 30ms;
  TrackScript second = aac(44'100);
  second.delay = 200ms;
  play(player, {video(25), small, half, aac(), second, text(), data()}, 120s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.segments().size(), 25U);
  EXPECT_EQ(cuts(player.model, 1), cuts(player.model, 0));
  EXPECT_EQ(cuts(player.model, 2), cuts(player.model, 0));
  EXPECT_EQ(player.timeline.counters().unaligned, 0U);
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  EXPECT_EQ(player.timeline.counters().dropped, 0U);
}

TEST(TimelineTracks, ATrackThatIsAheadOfTheLeaderCutsWithItToo) {
  Player player;
  TrackScript leader = video(25);
  leader.delay = 300ms;
  play(player, {leader, video(25), aac()}, 120s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().unaligned, 0U);
  // What came before the leader's first keyframe is lost; from then on all cut together.
  for (const auto& segment : player.model.segments()) {
    if (segment.begins_run) continue;
    EXPECT_EQ(segment.tracks[1].parts[0].dts, segment.dts);
    EXPECT_LT(std::abs((segment.tracks[2].parts[0].dts - segment.dts).count()), 1920);
  }
}

TEST(TimelineTracks, SlidesBesideAPictureHaveNoHoles) {
  Player player;
  play(player, {video(25), video(1, 1, 2), aac()}, 60s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().gaps, 0U);
  EXPECT_EQ(cuts(player.model, 1), cuts(player.model, 0));
}

TEST(TimelineTracks, AVideoTrackWithOtherKeyframesCutsAtItsNextOne) {
  Player player;
  TrackScript other = video(25, 1, 50);
  other.first_frame = 520ms;
  play(player, {video(25), other}, 120s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  EXPECT_GT(player.timeline.counters().unaligned, 20U);
  const auto first = cuts(player.model, 0);
  const auto second = cuts(player.model, 1);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 1; i < first.size(); ++i) EXPECT_EQ(second[i], first[i] + ticks(520ms));
}

TEST(TimelineTracks, AVideoTrackWithoutKeyframesIsCutByTheCap) {
  Player player;
  play(player, {video(25), video(25, 1, 0), aac()}, 180s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_GT(player.timeline.counters().dependent, 20U);
  EXPECT_LE(player.model.most_open(), 4U);
}

TEST(TimelineTracks, BFramesAndOpenGops) {
  Player player;
  TrackScript picture = video(25, 1, 48);
  picture.b_frames = 2;
  play(player, {picture, aac()}, 60s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().moved, 0U);
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  EXPECT_EQ(player.model.target_duration(), 7s);  // 5.76 s
}

TEST(TimelineTracks, AudioOnly) {
  Player player;
  play(player, {aac(44'100)}, 60s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.target_duration(), 6s);
  for (std::size_t i = 1; i + 1 < player.model.segments().size(); ++i) {
    EXPECT_NEAR(static_cast<double>(player.model.segments()[i].duration.count()), 450'000, 2'100);
  }
}

TEST(TimelineTracks, VideoOnly) {
  Player player;
  play(player, {video(25)}, 60s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.segments().size(), 13U);
}

TEST(TimelineTracks, DataOnly) {
  Player player;
  play(player, {data()}, 60s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().dropped, 0U);
}

TEST(TimelineTracks, AnAnnouncedVideoThatNeverComesIsNotWaitedFor) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 60s), [](SentFrame& sent) { return sent.frame.track == 1; });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_GE(player.model.segments().size(), 11U);
  EXPECT_LT(player.timeline.counters().dropped, 50U);  // a second of audio
  // The missing track delays nothing.
  for (const auto& segment : player.model.segments()) {
    EXPECT_LT(segment.ended - segment.began, 5s + 100ms);
  }
}

TEST(TimelineTracks, AVideoThatComesLaterTakesTheLead) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 90s),
              [](SentFrame& sent) { return sent.frame.track == 1 || sent.captured >= 21s + 480ms; });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  const auto first = cuts(player.model, 0);
  ASSERT_GT(first.size(), 10U);
  EXPECT_EQ(first[0], ticks(22s));  // its first keyframe
}

TEST(TimelineTracks, VideoThatStopsGivesTheLeadToAudioAndTakesItBack) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 180s), [](SentFrame& sent) {
    return sent.frame.track == 1 || !between(sent.captured, 31s + 200ms, 92s + 200ms);
  });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.runs(), 1U);
  // Segments go on all the time, on the grid while audio leads.
  for (const auto& segment : player.model.segments()) EXPECT_LE(segment.duration, 7s);
  for (const auto& segment : player.model.segments()) {
    if (segment.dts > ticks(35s) && segment.dts < ticks(87s)) {
      EXPECT_TRUE(segment.tracks[0].parts.empty());
      EXPECT_NEAR(static_cast<double>((segment.dts - ticks(3s)).count() % 450'000), 0, 2000);
    }
  }
}

TEST(TimelineTracks, MissingAudioForAMinute) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 180s),
              [](SentFrame& sent) { return sent.frame.track == 0 || !between(sent.captured, 31s, 91s); });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.runs(), 1U);
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  EXPECT_EQ(player.timeline.counters().gaps, 1U);
  for (const auto& segment : player.model.segments()) EXPECT_LT(segment.ended - segment.began, 6s + 100ms);
}

TEST(TimelineTracks, AudioThatComesASecondLateIsWaitedFor) {
  Player player;
  TrackScript sound = aac();
  sound.delay = 1s;
  play(player, {video(25), sound}, 60s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  for (const auto& segment : player.model.segments()) {
    ASSERT_FALSE(segment.tracks[1].parts.empty());
    EXPECT_LT(std::abs((segment.tracks[1].parts[0].dts - segment.dts).count()), 1920);
  }
}

TEST(TimelineTracks, TracksOutOfOrder) {
  // Each track is in order, but they come in bunches of a second, one track after the other.
  Player player;
  const Scripts scripts{video(25), video(25), aac(), text(), data()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 120s), [](SentFrame& sent) {
    const auto bunch = std::chrono::floor<seconds>(sent.captured);
    sent.arrives = bunch + 1s + (4 - sent.frame.track) * 10ms;
    return true;
  });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().dropped, 50U + 47U + 1U + 1U);  // before the leader's first keyframe came
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  EXPECT_EQ(player.timeline.counters().unaligned, 0U);
  for (const auto& segment : player.model.segments()) {
    if (!segment.begins_run) EXPECT_EQ(segment.tracks[1].parts[0].dts, segment.dts);
  }
}

RC_GTEST_PROP(TimelineTracksProperty, TracksWithKeyframesAtTheSameTimesCutTogether, ()) {
  // Any rates, any order of arrival within a second.
  const auto delays = *rc::gen::container<std::vector<int>>(3, rc::gen::inRange(0, 1000));
  const auto rates = *rc::gen::container<std::vector<int>>(3, rc::gen::element(25, 50, 30, 60, 120));
  const auto sound_delay = *rc::gen::inRange(0, 1000);
  const auto segment = *rc::gen::element(1000, 2000, 5000, 7500);
  Scripts scripts;
  for (std::size_t i = 0; i < 3; ++i) {
    scripts.push_back(video(rates[i], 1, 2 * rates[i]));
    scripts.back().delay = delays[i] * 1ms;
    scripts.back().whole_milliseconds = delays[i] % 2 == 0;
  }
  scripts.push_back(aac(44'100));
  scripts.back().delay = sound_delay * 1ms;
  Player player({.segment_duration = std::chrono::milliseconds(segment)});
  play(player, scripts, 60s);
  player.finish();
  RC_ASSERT(player.model.broken() == "");
  RC_ASSERT(player.model.runs() == 1U);
  RC_ASSERT(player.timeline.counters().dependent == 0U);
  RC_ASSERT(player.timeline.counters().gaps == 0U);
  RC_ASSERT(player.timeline.counters().unaligned == 0U);
  const auto latest = std::max(std::ranges::max(delays), sound_delay);
  RC_ASSERT(player.model.utc_error() <= (latest + 1) * 1ms);
  for (const auto& s : player.model.segments()) {
    if (s.begins_run || s.number == player.model.segments().back().number) continue;
    for (std::uint32_t i = 0; i < 4; ++i) {
      RC_ASSERT(!s.tracks[i].parts.empty());
      const auto off = std::chrono::abs(s.tracks[i].parts[0].dts - s.dts);
      RC_ASSERT(off <= (i < 3 ? ticks(1ms) : Ticks(2090)));
    }
  }
}

TEST(TimelineTracks, TextIsNeverDelayedByTheCueBeforeIt) {
  Player player;
  TrackScript cues = text();
  cues.seconds = 1;  // a cue of 3 s each second
  play(player, {video(25), cues}, 60s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  const auto parts = player.model.parts(1);
  ASSERT_EQ(parts.size(), 60U);
  EXPECT_EQ(parts.back().dts + parts.back().duration, ticks(62s));
}

}  // namespace
}  // namespace sluice::stream::test
