#include "net/pace.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "net/errc.hpp"

namespace sluice::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Owner final : Recall {
  void on_cut() const override { ++cut; }
  mutable int cut = 0;
};

const SteadyTime kBegin = SteadyTime(seconds(1000));

/// When a peer who takes `bytes` every `each` is cut; nothing: not within ten minutes.
std::optional<std::chrono::nanoseconds> cut_after(const Body& body, std::size_t bytes, std::chrono::nanoseconds each) {
  Pace pace(body, {}, kBegin);
  SteadyTime next_taken = kBegin + each;
  for (SteadyTime now = kBegin; now < kBegin + seconds(600);) {
    if (!pace.may_wait(now)) return now - kBegin;
    now = std::min(pace.next_look(now), next_taken);
    if (now < next_taken) continue;
    pace.on_taken(bytes);
    next_taken += each;
  }
  return {};
}

TEST(Pace, CutsWhoTakesNothing) { EXPECT_EQ(cut_after({}, 0, seconds(1000)), seconds(10)); }

TEST(Pace, CutsWhoTakesAByteASecond) { EXPECT_EQ(cut_after({}, 1, seconds(1)), seconds(10)); }

TEST(Pace, CutsWhoTakesMuchButSeldom) { EXPECT_EQ(cut_after({}, 1 << 20, seconds(30)), seconds(10)); }

TEST(Pace, WaitsForASlowPeerOfAnyAnswer) {
  EXPECT_EQ(cut_after({}, Pace::kLeastRate, milliseconds(999)), std::nullopt);
}

TEST(Pace, DemandsTheBodysRate) {
  const Body body{.least_rate = 100'000};
  EXPECT_EQ(cut_after(body, 9'000, milliseconds(100)), seconds(10));
  EXPECT_EQ(cut_after(body, 11'000, milliseconds(100)), std::nullopt);
}

TEST(Pace, ForgetsWhatWasTakenBeforeTheWindow) {
  const Body body{.least_rate = 100'000};
  Pace pace(body, {}, kBegin);
  pace.on_taken(100'000'000);
  EXPECT_TRUE(pace.may_wait(kBegin + seconds(10)));
  pace.on_taken(900'000);
  EXPECT_EQ(pace.may_wait(kBegin + seconds(20)).error(), Errc::too_slow);
}

TEST(Pace, GivesUpWhatIsWantedBackAndTellsTheOwner) {
  const Owner owner;
  const Body body{.recall = &owner};
  Pace pace(body, {}, kBegin);
  EXPECT_TRUE(pace.may_wait(kBegin));
  EXPECT_EQ(owner.cut, 0);
  owner.want_back();
  EXPECT_EQ(pace.may_wait(kBegin + seconds(1)).error(), Errc::too_slow);
  EXPECT_EQ(owner.cut, 1);
}

TEST(Pace, LooksNowAndThenAndAtTheWindowsEnd) {
  const Body body;
  const Pace pace(body, {}, kBegin);
  EXPECT_EQ(pace.next_look(kBegin), kBegin + milliseconds(2500));
  EXPECT_EQ(pace.next_look(kBegin + milliseconds(9500)), kBegin + seconds(10));
}

TEST(Pace, LooksAtManyPeersTogether) {
  const Body body;
  std::set<SteadyTime> looks;
  for (int ms = 0; ms < 1000; ++ms) {
    const SteadyTime now = kBegin + milliseconds(ms);
    const SteadyTime look = Pace(body, {}, now).next_look(now);
    EXPECT_GE(look, now + milliseconds(2500));
    EXPECT_LT(look, now + milliseconds(2750));
    looks.insert(look);
  }
  EXPECT_EQ(looks.size(), 5u);
}

}  // namespace
}  // namespace sluice::net
