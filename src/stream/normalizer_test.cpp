#include "stream/normalizer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "stream/source_model.hpp"

namespace sluice::stream::test {
namespace {

using namespace std::chrono_literals;

constexpr Ticks ticks(std::chrono::milliseconds d) { return std::chrono::duration_cast<Ticks>(d); }

/// Sends what a source recorded through a normalizer.
class NormalizerTest : public testing::Test {
 protected:
  void begin(const Scripts& scripts) { normalizer.set_tracks(tracks_of(scripts)); }

  media::Frame send(SentFrame sent) {
    sent.frame.arrival = Player::kSteadyStart + sent.arrives;
    normalizer.normalize(sent.frame);
    return sent.frame;
  }
  media::Frame send(std::uint32_t track, Ticks dts, Us arrives) {
    return send(SentFrame{.frame = {.track = track, .dts = dts, .pts = dts}, .arrives = arrives});
  }

  Normalizer normalizer;
};

TEST_F(NormalizerTest, LeavesGoodStampsAlone) {
  TrackScript picture = video(25);
  picture.b_frames = 2;
  const Scripts scripts{picture, text(), data()};
  begin(scripts);
  for (const SentFrame& sent : record(scripts, 0s, 60s)) {
    const auto frame = send(sent);
    EXPECT_EQ(frame.dts, sent.frame.dts);
    EXPECT_EQ(frame.pts, sent.frame.pts);
    EXPECT_EQ(frame.duration, sent.frame.duration);
  }
  EXPECT_EQ(normalizer.jumps(), 0U);
}

TEST_F(NormalizerTest, LaysAudioOnTheGridOfItsSamples) {
  for (const std::int64_t rate : {44'100, 48'000, 22'050}) {
    normalizer = {};
    const Scripts scripts{aac(rate)};
    begin(scripts);
    std::int64_t n = 0;
    for (const SentFrame& sent : record(scripts, 0s, 600s)) {
      const auto frame = send(sent);
      ASSERT_EQ(frame.dts, from_rate(n * 1024, rate));
      ASSERT_EQ(frame.dts + frame.duration, from_rate((n + 1) * 1024, rate));
      ++n;
    }
  }
}

TEST_F(NormalizerTest, AnchorsTheGridAnewWhenItIsOffByMoreThan40Milliseconds) {
  begin({aac(48'000)});
  for (int i = 0; i < 10; ++i) send(0, i * ticks(1024ms) / 48, i * 21ms);
  const Ticks next = 10 * ticks(1024ms) / 48;
  EXPECT_EQ(send(0, next + ticks(39ms), 240ms).dts, next);
  const Ticks after = 11 * ticks(1024ms) / 48;
  EXPECT_EQ(send(0, after + ticks(41ms), 280ms).dts, after + ticks(41ms));
  EXPECT_EQ(send(0, after + ticks(41ms) + ticks(1024ms) / 48, 300ms).dts, after + ticks(41ms) + ticks(1024ms) / 48);
}

TEST_F(NormalizerTest, KeepsAGapThatArrivalsExplain) {
  begin({video(25)});
  send(0, Ticks(0), 0s);
  EXPECT_EQ(send(0, ticks(600s), 600s).dts, ticks(600s));
  EXPECT_EQ(normalizer.jumps(), 0U);
}

TEST_F(NormalizerTest, TakesAJumpOutOfAllTracksByTheSameOffset) {
  for (const auto jump : {10h, -10h}) {
    normalizer = {};
    const Scripts scripts{video(25), aac(), text()};
    begin(scripts);
    for (SentFrame sent : record(scripts, 0s, 60s)) {
      // Sound is 300 ms behind the picture: its frames from before the jump come after the first picture behind it.
      if (sent.frame.track == 1) sent.arrives += 300ms;
      const bool jumped = sent.captured >= 30s;
      const Ticks good = sent.frame.dts;
      if (jumped) {
        sent.frame.dts += to_ticks(jump);
        sent.frame.pts += to_ticks(jump);
      }
      const auto frame = send(sent);
      EXPECT_LE(std::chrono::abs(frame.dts - good), ticks(2ms));
    }
    EXPECT_EQ(normalizer.jumps(), 1U);
  }
}

TEST_F(NormalizerTest, LateFramesFromBeforeAJumpKeepTheirPlace) {
  begin({video(25), video(25)});
  for (int i = 0; i < 25; ++i) send(0, i * Ticks(3600), i * 40ms);
  for (int i = 0; i < 20; ++i) send(1, i * Ticks(3600), 970ms);
  EXPECT_EQ(send(0, ticks(5h), 1s).dts, ticks(1s));
  for (int i = 20; i < 25; ++i) EXPECT_EQ(send(1, i * Ticks(3600), 1s).dts, i * Ticks(3600));
  EXPECT_EQ(send(1, ticks(5h), 1s).dts, ticks(1s));
  EXPECT_EQ(normalizer.jumps(), 1U);
}

TEST_F(NormalizerTest, AJumpOfOneTrackMovesNoOther) {
  const Scripts scripts{video(25), aac()};
  begin(scripts);
  for (SentFrame sent : record(scripts, 0s, 60s)) {
    const Ticks good = sent.frame.dts;
    if (sent.frame.track == 0 && sent.captured >= 30s) sent.frame.dts = sent.frame.pts = good - ticks(10s);
    EXPECT_LE(std::chrono::abs(send(sent).dts - good), ticks(2ms));
  }
  EXPECT_EQ(normalizer.jumps(), 1U);
}

TEST_F(NormalizerTest, APictureASecondIsNoJumpInABurst) {
  begin({video(1)});
  for (int i = 0; i < 30; ++i) EXPECT_EQ(send(0, ticks(i * 1s), 0s).dts, ticks(i * 1s));
  EXPECT_EQ(normalizer.jumps(), 0U);
}

TEST_F(NormalizerTest, ManySmallJumpsAreOne) {
  begin({video(25)});
  Ticks dts{};
  for (int i = 0; i < 10'000; ++i) dts = send(0, i * ticks(990ms), i * 40ms).dts;
  EXPECT_LE(dts, ticks(400s + 120s + 1s));
  EXPECT_GE(dts, ticks(400s));
}

TEST_F(NormalizerTest, TextAndDataMayBeAnnouncedAMinuteAhead) {
  begin({video(25), text(), data()});
  for (int i = 0; i < 250; ++i) send(0, i * Ticks(3600), i * 40ms);
  EXPECT_EQ(send(1, ticks(65s), 10s).dts, ticks(65s));
  EXPECT_EQ(send(2, ticks(-40s), 10s).dts, ticks(-40s));
  EXPECT_NEAR(static_cast<double>(send(2, ticks(10h), 10s).dts.count()), 900'000, 3600);
  EXPECT_EQ(send(0, ticks(10s), 10s).dts, ticks(10s));
  EXPECT_EQ(normalizer.jumps(), 0U);
}

TEST_F(NormalizerTest, KnowsATrackByItsNameWhenTracksChange) {
  begin({video(25), aac()});
  send(0, Ticks(0), 0s);
  send(1, Ticks(0), 0s);
  EXPECT_EQ(send(0, ticks(1h), 40ms).dts, Ticks(3600));
  EXPECT_EQ(send(1, ticks(1h) - Ticks(1680), 40ms).dts, Ticks(1920));
  begin({aac(), video(25)});
  EXPECT_EQ(send(0, ticks(1h) + Ticks(240), 60ms).dts, Ticks(3840));
  EXPECT_EQ(send(1, ticks(1h + 40ms), 80ms).dts, Ticks(7200));
  EXPECT_EQ(normalizer.jumps(), 1U);
}

TEST_F(NormalizerTest, BoundsWhatAPictureWaitsToBeShown) {
  begin({video(25)});
  const auto shown = [&](Ticks pts) { return send({.frame = {.track = 0, .dts = Ticks(0), .pts = pts}}).pts; };
  EXPECT_EQ(shown(Ticks(7200)), Ticks(7200));
  EXPECT_EQ(shown(Ticks(-7200)), Ticks(0));
  EXPECT_EQ(shown(Ticks::max()), ticks(10s));
  EXPECT_EQ(shown(Ticks::min()), Ticks(0));
}

TEST_F(NormalizerTest, LeavesTracksThatItDoesNotKnow) {
  begin({video(25)});
  EXPECT_EQ(send(3, Ticks(12'345), 0s).dts, Ticks(12'345));
}

RC_GTEST_PROP(NormalizerProperty, StaysNearRealTimeWhateverComesIn, ()) {
  const Scripts scripts{video(25), aac(), text(), data()};
  Normalizer normalizer;
  normalizer.set_tracks(tracks_of(scripts));
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const auto stamp = rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(), rc::gen::element(kMin, kMax, std::int64_t{0}),
                                    rc::gen::inRange<std::int64_t>(-1'000'000'000, 1'000'000'000));
  const auto frames = *rc::gen::container<std::vector<std::tuple<std::uint32_t, std::int64_t, std::int64_t, int>>>(
      rc::gen::tuple(rc::gen::inRange<std::uint32_t>(0, 4), stamp, stamp, rc::gen::inRange(0, 3000)));
  std::optional<Ticks> first;
  std::map<std::uint32_t, Ticks> last;
  Us arrives{};
  for (const auto& [track, dts, pts, passed] : frames) {
    arrives += passed * 1ms;
    media::Frame frame{.track = track, .dts = Ticks(dts), .pts = Ticks(pts)};
    frame.arrival = Player::kSteadyStart + arrives;
    normalizer.normalize(frame);
    RC_ASSERT(frame.pts >= frame.dts);
    RC_ASSERT(frame.pts <= frame.dts + ticks(10s));
    if (track > 1) continue;
    if (!first) first = frame.dts - to_ticks(arrives);
    RC_ASSERT(frame.dts <= *first + to_ticks(arrives) + ticks(130s));
    if (last.contains(track)) RC_ASSERT(frame.dts >= last[track] - ticks(1041ms));
    last[track] = frame.dts;
  }
}

}  // namespace
}  // namespace sluice::stream::test
