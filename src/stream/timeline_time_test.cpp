#include <gtest/gtest.h>

#include "stream/source_model.hpp"

/// The timeline on a virtual clock: what is told of UTC is true, whatever clocks and networks do.

namespace sluice::stream::test {
namespace {

using namespace std::chrono_literals;

Us times(Us time, double factor) { return Us(static_cast<std::int64_t>(static_cast<double>(time.count()) * factor)); }

/// A week of a slow picture, whose source's clock is off by `ppm`. The largest error of UTC.
Us week_of(double ppm) {
  Player player;
  player.model.keep = false;
  const Scripts scripts{video(2, 1, 4)};
  player.begin(tracks_of(scripts));
  for (std::int64_t n = 0; scripts[0].at(n) < 24h * 7; ++n) {
    SentFrame sent = frame_of(scripts[0], 0, n);
    // Its stamps say when by its own clock; networks delay by up to 40 ms.
    sent.frame.dts = sent.frame.pts = to_ticks(times(sent.captured, 1 + ppm * 1e-6));
    sent.arrives += Us(n * 7919 % 40'000);
    player.push(std::move(sent));
  }
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.runs(), 1U);
  EXPECT_EQ(player.timeline.counters().dependent, 0U);
  EXPECT_EQ(player.normalizer.jumps(), 0U);
  return player.model.utc_error();
}

TEST(TimelineTime, AWeekOfAClockThatIsFast) { EXPECT_LT(week_of(100), 100ms); }
TEST(TimelineTime, AWeekOfAClockThatIsSlow) { EXPECT_LT(week_of(-100), 100ms); }

TEST(TimelineTime, TheSystemsClockStepsByAnHourAndBack) {
  for (const auto step : {1h, -1h}) {
    Player player;
    const Scripts scripts{video(5, 1, 10), aac(8'000)};
    player.begin(tracks_of(scripts));
    Us second{};
    for (SentFrame& sent : record(scripts, 0s, 1h)) {
      for (; second < sent.arrives; second += 1s) {
        const auto system = Player::kUtcStart + second + (second > 20min && second < 30min ? Us(step) : Us(0));
        player.clock.discipline(Player::kSteadyStart + second, system);
      }
      player.push(std::move(sent));
    }
    player.finish();
    EXPECT_EQ(player.model.broken(), "");
    EXPECT_EQ(player.model.runs(), 1U);
    EXPECT_LT(player.model.utc_error(), 700ms);  // 10 minutes of 1 ms a second
  }
}

TEST(TimelineTime, AStepThatStaysIsFollowedSlowly) {
  Player player;
  const Scripts scripts{video(5, 1, 10)};
  player.begin(tracks_of(scripts));
  Us second{};
  for (SentFrame& sent : record(scripts, 0s, 2h)) {
    for (; second < sent.arrives; second += 1s) {
      player.clock.discipline(Player::kSteadyStart + second, Player::kUtcStart + second + 1h);
    }
    player.push(std::move(sent));
  }
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_EQ(player.model.runs(), 1U);
  // Dates follow from durations, within what slewing allows.
  const auto& segments = player.model.segments();
  for (std::size_t i = 1; i < segments.size(); ++i) {
    const auto off = *segments[i].utc - *segments[i - 1].utc - to_us(segments[i].dts - segments[i - 1].dts);
    EXPECT_LE(std::chrono::abs(off), 10ms);
  }
  EXPECT_NEAR(static_cast<double>((*segments.back().utc - segments.back().captured).count()), 7.2e6, 0.2e6);
}

// --- freezes ------------------------------------------------------------------------------------------------------

/// A source that is frozen from `begin` to `end`: when a frame arrives that was captured at `time`, if the network then
/// delivers `speed` times as fast as real time.
Us delivered(Us time, Us begin, Us end, double speed) {
  return time < begin ? time : std::max(time, end + times(time - begin, 1 / speed));
}

TEST(TimelineTime, AFreezeOfTenMinutesAndABurstOfWhatWasCaptured) {
  for (const double speed : {1000.0, 60.0, 5.0, 2.0, 1.25}) {
    Player player;
    const Scripts scripts{video(25), aac()};
    player.begin(tracks_of(scripts));
    // The freeze begins anywhere in a segment.
    const Us begin = 100s + Us(static_cast<std::int64_t>(speed * 1.0e6) % 7'000'000);
    player.play(record(scripts, 0s, 100min), [&](SentFrame& sent) {
      sent.arrives = delivered(sent.captured, begin, begin + 10min, speed);
      return sent.captured < begin + 10min || sent.captured.count() % 5 == 0 || sent.captured < 30min;
    });
    player.finish();
    EXPECT_EQ(player.model.broken(), "") << speed;
    EXPECT_LT(player.model.utc_error(), 1s) << speed;
    EXPECT_LE(player.model.runs(), 3U) << speed;
    EXPECT_EQ(player.normalizer.jumps(), 0U) << speed;
  }
}

TEST(TimelineTime, AFreezeOfTenMinutesWithTheSourcesClockStandingStill) {
  for (const auto buffered : {0ms, 300ms, 3000ms, 8000ms}) {
    for (Us begin = 100s; begin < 106s; begin += 900ms) {
      Player player;
      const Scripts scripts{video(25), aac()};
      player.begin(tracks_of(scripts));
      // Captured before the freeze, but on its way then: delivered at once after it.
      player.play(record(scripts, 0s, 30min), [&](SentFrame& sent) {
        if (sent.captured < begin) {
          if (sent.captured >= begin - buffered) sent.arrives = begin + 10min;
          // What begins less than a second before the freeze is dated by what comes after it.
          if (sent.captured >= begin - std::min(buffered, 1000ms)) sent.captured += 10min;
          return true;
        }
        sent.captured += 10min;
        sent.arrives = sent.captured;
        return true;
      });
      player.finish();
      EXPECT_EQ(player.model.broken(), "") << buffered << " " << begin;
      EXPECT_LT(player.model.utc_error(), 1s) << buffered << " " << begin;
      EXPECT_LE(player.model.runs(), 3U) << buffered << " " << begin;
      EXPECT_LE(player.timeline.counters().dropped, 100U);
    }
  }
}

TEST(TimelineTime, AFreezeThatEndsWithJumpingStamps) {
  // The encoder drops what it could not send: stamps go on with real time.
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 30min),
              [&](SentFrame& sent) { return sent.captured < 101s || sent.captured > 701s; });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_LT(player.model.utc_error(), 1s);
  EXPECT_EQ(player.model.runs(), 2U);
}

TEST(TimelineTime, AFreezeOfAFewSecondsChangesNothing) {
  for (const double speed : {1000.0, 3.0, 1.3}) {
    Player player;
    const Scripts scripts{video(25), aac()};
    player.begin(tracks_of(scripts));
    player.play(record(scripts, 0s, 5min), [&](SentFrame& sent) {
      sent.arrives = delivered(sent.captured, 100s, 104s + 500ms, speed);
      return true;
    });
    player.finish();
    EXPECT_EQ(player.model.broken(), "");
    EXPECT_LT(player.model.utc_error(), 50ms);
    EXPECT_EQ(player.model.runs(), 1U);
    EXPECT_EQ(player.timeline.counters().dropped, 0U);
  }
}

// --- bursts -------------------------------------------------------------------------------------------------------

TEST(TimelineTime, ABurstOfTenSecondsAtConnect) {
  for (const double speed : {1000.0, 20.0, 5.0, 3.0, 2.0}) {
    Player player;
    const Scripts scripts{video(25), aac()};
    player.begin(tracks_of(scripts));
    player.play(record(scripts, 0s, 2min), [&](SentFrame& sent) {
      sent.arrives = delivered(sent.captured, 0s, 10s, speed);
      return true;
    });
    player.finish();
    EXPECT_EQ(player.model.broken(), "") << speed;
    EXPECT_LT(player.model.utc_error(), 1s) << speed;
    EXPECT_EQ(player.model.runs(), 1U) << speed;
    EXPECT_EQ(player.timeline.counters().dropped, 0U) << speed;
    EXPECT_EQ(player.normalizer.jumps(), 0U) << speed;
    // On the grid of what is known in the end, but for the first.
    for (const auto& segment : player.model.segments()) {
      if (segment.captured < Player::kUtcStart + 30s) continue;
      EXPECT_LT((segment.utc->time_since_epoch() % 5s).count(), 2'000'000) << speed;
    }
  }
}

TEST(TimelineTime, SegmentsAreTheSameWheneverTheSourceBegan) {
  // Two encoders of one event, started at different times, cut and name their segments alike.
  std::vector<std::vector<UtcTime>> names;
  for (const Us begin : {0s, 30s}) {
    Player player;
    const Scripts scripts{video(25), aac()};
    player.begin(tracks_of(scripts));
    player.play(record(scripts, begin, 3min));
    player.finish();
    std::vector<UtcTime> utcs;
    for (const auto& segment : player.model.segments()) {
      if (segment.captured > Player::kUtcStart + 45s) utcs.push_back(*segment.utc);
    }
    names.push_back(std::move(utcs));
  }
  EXPECT_EQ(names[0], names[1]);
}

TEST(TimelineTime, TheSourcesOwnClockWins) {
  Player player;
  const Scripts scripts{video(25), aac()};
  player.begin(tracks_of(scripts));
  player.play(record(scripts, 0s, 2min), [&](SentFrame& sent) {
    if (sent.frame.track == 0) sent.frame.utc = Player::kUtcStart + sent.captured;
    sent.arrives = sent.captured + 4s;  // a relay far away
    return true;
  });
  player.finish();
  EXPECT_EQ(player.model.broken(), "");
  EXPECT_LT(player.model.utc_error(), 1ms);
}

}  // namespace
}  // namespace sluice::stream::test
