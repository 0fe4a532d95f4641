#include "stream/timeline.hpp"

#include <gtest/gtest.h>

#include "stream/source_model.hpp"

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

std::vector<Ticks> durations(const StoreModel& model) {
  std::vector<Ticks> out;
  for (const auto& segment : model.segments()) out.push_back(segment.duration);
  return out;
}

// --- the grid --------------------------------------------------------------------------------------------------------

TEST(Timeline, CutsAtTheFirstKeyframeOfEachMultipleOfTheSegmentDurationInUtc) {
  Player player;
  play(player, {video(25), aac()}, 60s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.target_duration(), 7s);  // three GOPs of 2 s, and a second
  ASSERT_EQ(player.model.segments().size(), 13U);
  // 08:06:37 is two seconds after a multiple of 5 s: keyframes are at 37, 39, 41, ..., multiples at 40, 45, 50.
  const auto& segments = player.model.segments();
  EXPECT_EQ(*segments[1].utc, Player::kUtcStart + 4s);
  EXPECT_EQ(*segments[2].utc, Player::kUtcStart + 8s);
  EXPECT_EQ(*segments[3].utc, Player::kUtcStart + 14s);
  EXPECT_EQ(*segments[4].utc, Player::kUtcStart + 18s);
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  EXPECT_EQ(player.timeline.counters().dropped, 0U);
  EXPECT_EQ(player.timeline.counters().gaps, 0U);
}

TEST(Timeline, NumbersGoOnFromWhereTheyAreToldTo) {
  Player player({.first_number = 1000, .first_discontinuity = 70});
  play(player, {video(25)}, 20s);
  player.finish();
  EXPECT_EQ(player.model.segments().front().number, 1000U);
  EXPECT_EQ(player.model.segments().front().run->discontinuity, 70U);
  EXPECT_EQ(player.timeline.next_number(), player.model.segments().back().number + 1);
}

TEST(Timeline, KeepsWholeGopsWhateverTheirLength) {
  // GOP in frames at 25/s, the longest segment in seconds: segment_duration in whole GOPs.
  for (const auto [gop, longest] : {std::pair(25, 5), {50, 6}, {75, 6}, {100, 8}, {125, 5}, {200, 8}, {300, 12}}) {
    Player player;
    play(player, {video(25, 1, gop), aac()}, 90s);
    player.finish();
    EXPECT_EQ(player.model.broken(), "") << gop;
    EXPECT_EQ(player.model.target_duration(), seconds(longest + 1)) << gop;
    EXPECT_EQ(player.timeline.counters().dependent, 0U) << gop;
    for (const Ticks duration : durations(player.model)) EXPECT_LE(duration, seconds(longest)) << gop;
  }
}

TEST(Timeline, DoesNotMissABorderThatKeyframesDriftAcross) {
  // GOPs are as long as segments, and the encoder's clock is 300 ppm fast: keyframes cross the grid backwards.
  Player player;
  const Scripts scripts{video(25, 1, 125)};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 4h), [](SentFrame& sent) {
    sent.frame.dts += sent.frame.dts * 3 / 10'000 - ticks(1900ms);  // the first keyframe is 100 ms behind the grid
    sent.frame.pts = sent.frame.dts;
    return true;
  });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  for (const Ticks duration : durations(player.model)) EXPECT_LE(duration, ticks(5002ms));
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
}

TEST(Timeline, CutsWhereItIsAskedTo) {
  Player player;
  const Scripts scripts{video(25, 1, 25), video(25, 1, 25), aac()};
  player.begin(tracks_of(scripts));
  player.timeline.cut(ticks(22s));
  player.play(record(scripts, 0s, 40s));
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  const auto first = cuts(player.model, 0);
  EXPECT_EQ(std::ranges::count(first, ticks(22s)), 1);
  EXPECT_EQ(std::ranges::count(first, ticks(21s)), 0);
  EXPECT_EQ(std::ranges::count(first, ticks(23s)), 1);  // 08:07:00 is on the grid
  EXPECT_EQ(cuts(player.model, 1), first);
}

// --- keyframes -------------------------------------------------------------------------------------------------------

TEST(Timeline, NoKeyframeForMinutes) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 300s), [](SentFrame& sent) {
    if (sent.frame.track == 0 && between(sent.captured, 30s, 210s)) sent.frame.random_access = false;
    return true;
  });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_GE(player.timeline.counters().dependent, 25U);
  EXPECT_LE(player.timeline.counters().dependent, 27U);
  EXPECT_EQ(player.timeline.counters().dropped, 0U);
  EXPECT_TRUE(player.model.segments().back().tracks[0].parts[0].random_access);
}

TEST(Timeline, AVideoWithOneKeyframeIsListedAllTheSame) {
  Player player;
  play(player, {video(25, 1, 0), aac()}, 120s);
  EXPECT_TRUE(player.model.target_duration().has_value());
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_GE(player.timeline.counters().dependent, 2U);
}

TEST(Timeline, AVideoWithoutAnyKeyframeLeavesTheAudio) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 60s), [](SentFrame& sent) {
    if (sent.frame.track == 0) sent.frame.random_access = false;
    return true;
  });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  EXPECT_TRUE(player.model.parts(0).empty());
  EXPECT_GT(player.model.parts(1).size(), 200U);
}

TEST(Timeline, LongerGopsThanTheFirstTwoAreCutByTheCap) {
  Player player;
  const Scripts scripts{video(25, 1, 25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 120s), [](SentFrame& sent) {
    if (sent.frame.track == 0 && sent.captured > 4s && sent.captured.count() % 10'000'000 != 0) {
      sent.frame.random_access = false;
    }
    return true;
  });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.target_duration(), 6s);
  // One dependent piece in each GOP of 10 s; its keyframes all begin a segment.
  EXPECT_NEAR(static_cast<double>(player.timeline.counters().dependent), 12, 1);
}

TEST(Timeline, CutsBeforeASegmentIsTooBig) {
  const std::size_t cap = 1'000'000;
  Player player({.segment_bytes = cap});
  TrackScript big = video(25);
  big.bytes = 40'000;
  TrackScript sound = aac();
  sound.bytes = 30'000;
  TrackScript bulky = data();
  bulky.bytes = 600'000;
  play(player, {big, sound, bulky}, 60s);
  player.push({.frame = {.track = 0, .dts = ticks(60s), .pts = ticks(60s), .payload = next_payload(cap + 1)},
               .captured = 60s,
               .arrives = 60s});
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_GT(player.timeline.counters().dependent, 20U);
  EXPECT_EQ(player.timeline.counters().dropped, 1U);  // that frame
}

// --- runs ------------------------------------------------------------------------------------------------------------

TEST(Timeline, ParametersThatChangeBeginARunAtTheNextKeyframe) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  auto frames = record(scripts, 0s, 120s);
  for (SentFrame& sent : frames) {
    if (sent.captured == 40s && sent.frame.track == 0) player.begin(tracks_of(scripts), true);
    if (sent.captured == 80s + 520ms && sent.frame.track == 0) player.begin(tracks_of(scripts), true);
    player.push(std::move(sent));
  }
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.runs(), 3U);
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  std::vector<Ticks> begins;
  for (const auto& segment : player.model.segments()) {
    if (segment.begins_run) begins.push_back(segment.dts);
  }
  EXPECT_EQ(begins, (std::vector{ticks(0s), ticks(40s), ticks(82s)}));
  EXPECT_LE(player.model.utc_error(), 1ms);  // one source, one map
}

TEST(Timeline, ARunWithoutSegmentsTakesNoDiscontinuityNumber) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  for (SentFrame& sent : record(scripts, 0s, 60s)) {
    // Parameters change with each frame for a second: no run gets as far as a keyframe.
    if (between(sent.captured, 20s + 100ms, 21s)) player.begin(tracks_of(scripts), true);
    player.push(std::move(sent));
  }
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_GT(player.model.runs(), 20U);
  EXPECT_EQ(player.model.segments().back().run->discontinuity, 1U);
}

TEST(Timeline, TracksThatComeAndGo) {
  Player player;
  const Scripts both{video(25), aac()};
  const Scripts swapped{aac(), video(25), text()};
  const Scripts sound{aac()};
  player.begin(tracks_of(both));
  player.play(record(both, 0s, 20s));
  player.begin(tracks_of(sound), true);
  player.play(record(sound, 20s, 40s));
  player.begin(tracks_of(swapped), true);
  player.play(record(swapped, 40s, 60s));
  player.begin(tracks_of(both), true);
  player.play(record(both, 60s, 80s));
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.runs(), 4U);
}

TEST(Timeline, ASourceThatComesBackGoesOnWhereTheStreamEnded) {
  Player player;
  TrackScript picture = video(25);
  TrackScript sound = aac();
  const Scripts first{picture, sound};
  player.begin(tracks_of(first));
  player.play(record(first, 0s, 33s));
  player.timeline.flush();
  const auto before = player.model.segments().back();
  picture.shift = sound.shift = -1h;  // its stamps begin anew
  const Scripts second{picture, sound};
  player.begin(tracks_of(second));
  player.play(record(second, 40s, 80s));
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.runs(), 2U);
  EXPECT_LE(player.model.utc_error(), 10ms);
  const auto after = std::ranges::find(player.model.segments(), true,
                                       [&](const auto& s) { return s.begins_run && s.number > before.number; });
  ASSERT_NE(after, player.model.segments().end());
  EXPECT_NEAR(static_cast<double>((after->dts - before.dts - before.duration).count()), 7 * 90'000, 9'000);
}

TEST(Timeline, ATakeoverWithoutAPause) {
  Player player;
  const Scripts scripts{video(25), aac()};
  for (int i = 0; i < 10; ++i) {
    player.begin(tracks_of(scripts));
    player.play(record(scripts, i * 10s, (i + 1) * 10s));
  }
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.runs(), 10U);
  EXPECT_LE(player.model.utc_error(), 100ms);
}

TEST(Timeline, ASourceThatLeftInItsFirstGopSaysNothingOfTheNext) {
  Player player;
  const Scripts early{video(25, 1, 250), aac()};
  player.begin(tracks_of(early));
  player.play(record(early, 0s, 3s));
  player.timeline.flush();
  EXPECT_FALSE(player.model.target_duration().has_value());
  player.begin(tracks_of(early));
  player.play(record(early, 10s, 120s));
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.target_duration(), 11s);
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
}

TEST(Timeline, AHoleInTheWholeStreamBeginsARun) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 90s), [](SentFrame& sent) { return !between(sent.captured, 32s, 62s); });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.runs(), 2U);
  EXPECT_LE(player.model.utc_error(), 10ms);
}

// --- what is told when -----------------------------------------------------------------------------------------------

TEST(Timeline, TargetsAreToldWithTheThirdKeyframe) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 4s));
  EXPECT_FALSE(player.model.target_duration().has_value());
  player.play(record(scripts, 4s, 4s + 1ms));
  EXPECT_EQ(player.model.target_duration(), 7s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
}

TEST(Timeline, SegmentsCompleteByTimeAloneWhenFramesStopComing) {
  Player player;
  const Scripts scripts{video(25), video(25), aac(), text()};
  player.begin(tracks_of(scripts));
  // The leader cuts at 8 s with its last frame; nothing else gets so far.
  player.play(record(scripts, 0s, 8s + 1ms),
              [](SentFrame& sent) { return sent.frame.track == 0 || sent.captured < 7s + 900ms; });
  ASSERT_EQ(player.model.segments().size(), 1U);
  player.advance(8s + 300ms);
  EXPECT_EQ(player.model.segments().size(), 1U);
  player.advance(8s + 700ms);
  EXPECT_EQ(player.model.segments().size(), 2U);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
}

TEST(Timeline, OpenFramesAreWhatNoPartHas) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 10s + 41ms));
  const auto open = player.timeline.open_frames();
  EXPECT_EQ(std::ranges::count(open, 0U, &media::Frame::track), 2);
  player.finish();
  EXPECT_TRUE(player.timeline.open_frames().empty());
}

TEST(Timeline, FramesOfTracksThatDoNotExistAreDropped) {
  Player player;
  play(player, {video(25)}, 5s);
  player.push({.frame = {.track = 7, .payload = next_payload(1)}, .captured = 5s, .arrives = 5s});
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().dropped, 1U);
}

}  // namespace
}  // namespace sluice::stream::test
