#include <gtest/gtest.h>

#include <tuple>

#include "stream/source_model.hpp"

/// What a timeline makes parts of, and when.

namespace sluice::stream::test {
namespace {

using namespace std::chrono_literals;

constexpr Ticks ticks(std::chrono::milliseconds d) { return std::chrono::duration_cast<Ticks>(d); }

void play(Player& player, const Scripts& scripts, Us length) {
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, length));
}

struct Rate {
  std::int64_t frames;
  std::int64_t seconds;
  Ticks part_target;
};

class TimelineRates : public testing::TestWithParam<std::tuple<Rate, bool>> {};

TEST_P(TimelineRates, PartsCloseWithTheirLastFrameAndAreLongEnough) {
  const auto [rate, whole_milliseconds] = GetParam();
  Player player;
  const int gop = static_cast<int>(2 * rate.frames / rate.seconds);
  TrackScript picture = video(rate.frames, rate.seconds, gop);
  picture.whole_milliseconds = whole_milliseconds;
  play(player, {picture, aac()}, 120s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_NEAR(static_cast<double>(player.model.part_target()->count()), static_cast<double>(rate.part_target.count()),
              whole_milliseconds ? 90.0 : 10.0);
  EXPECT_EQ(player.timeline.counters().gaps, 0U);
  EXPECT_EQ(player.timeline.counters().moved, 0U);
  EXPECT_EQ(player.timeline.counters().dropped, 0U);
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  std::size_t parts = 0;
  for (const auto& segment : player.model.segments()) {
    for (std::uint32_t i : {0U, 1U}) {
      const auto& track = segment.tracks[i];
      // The last part of a segment ends where the next one begins, which only its first frame says.
      for (std::size_t n = 0; n + 1 < track.parts.size(); ++n) {
        if (track.parts[n].arrival < Player::kSteadyStart + 10s) continue;
        ++parts;
        // Sound that comes within half a frame of a border waits for the next picture to say whether it is one.
        const auto wait = i == 0 ? Us(0) : Us(rescale(rate.seconds, 1'000'000, rate.frames)) + 11ms;
        EXPECT_LE(track.parts[n].closed - track.parts[n].arrival, wait);
      }
    }
  }
  EXPECT_GT(parts, 100U);
}

INSTANTIATE_TEST_SUITE_P(All, TimelineRates,
                         testing::Combine(testing::Values(Rate{24'000, 1001, Ticks(5 * 3753 + 180 + 3)},
                                                          Rate{25, 1, Ticks(18'180)}, Rate{30'000, 1001, Ticks(18'198)},
                                                          Rate{60'000, 1001, Ticks(18'198)},
                                                          Rate{25, 2, Ticks(3 * 7200 + 180)}, Rate{1, 1, Ticks(90'180)},
                                                          Rate{120, 1, Ticks(18'180)}),
                                          testing::Bool()));

TEST(TimelineParts, ChoosesPartsThatTheFramesOfAllTracksFill) {
  // Frames of HE-AAC last 42.7 ms: four are 84.5 % of 202 ms.
  Player player;
  TrackScript sound = aac(24'000);
  play(player, {video(25), sound}, 60s);
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_GT(*player.model.part_target(), ticks(213ms));
  EXPECT_LT(*player.model.part_target(), ticks(230ms));
  for (const std::uint32_t track : {0U, 1U}) {
    for (const auto& segment : player.model.segments()) {
      const auto& parts = segment.tracks[track].parts;
      for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        EXPECT_GE(parts[i].duration * 100, *player.model.part_target() * 85);
      }
    }
  }
}

TEST(TimelineParts, VariableRateKeepsPartsLongEnough) {
  Player player;
  const Scripts scripts{video(60, 1, 120), aac(44'100)};
  player.begin(tracks_of(scripts));
  std::uint32_t noise = 1;
  player.play(record(scripts, 0s, 120s), [&](SentFrame& sent) {
    if (sent.frame.track != 0 || sent.frame.random_access) return true;
    noise = noise * 1'664'525 + 1'013'904'223;
    return noise >> 30 == 0;  // a quarter of the frames, at random: from 1/60 s to half a second apart
  });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.timeline.counters().dropped, 0U);
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
}

TEST(TimelineParts, RtmpsWholeMillisecondsAreNoGaps) {
  for (const std::int64_t rate : {44'100, 48'000, 22'050, 32'000}) {
    Player player;
    TrackScript picture = video(30'000, 1001, 60);
    picture.whole_milliseconds = true;
    play(player, {picture, aac(rate)}, 300s);
    player.finish();
    EXPECT_EQ(player.model.broken(), "") << rate;
    EXPECT_EQ(player.timeline.counters().gaps, 0U) << rate;
    EXPECT_EQ(player.timeline.counters().dropped, 0U) << rate;
    // Sound is contiguous to the tick.
    std::optional<Ticks> end;
    for (const auto& part : player.model.parts(1)) {
      if (end) EXPECT_EQ(part.dts, *end) << rate;
      end = part.dts + part.duration;
    }
  }
}

}  // namespace
}  // namespace sluice::stream::test
