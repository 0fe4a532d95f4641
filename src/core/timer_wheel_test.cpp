#include "core/timer_wheel.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <vector>

namespace sluice {
namespace {

using std::chrono::milliseconds;

struct Probe final : Timer {
  int fired = 0;
  SteadyTime at{};
  const SteadyTime* now = nullptr;
  void on_timer() override {
    ++fired;
    at = *now;
  }
};

TEST(TimerWheel, FiresInTimeAndNotBefore) {
  const SteadyTime start{};
  SteadyTime now = start;
  TimerWheel wheel(start);
  Probe soon, late, cancelled;
  for (Probe* p : {&soon, &late, &cancelled}) p->now = &now;
  wheel.arm(soon, start + milliseconds(5));
  wheel.arm(late, start + milliseconds(5000));
  wheel.arm(cancelled, start + milliseconds(7));
  cancelled.cancel();
  now = start + milliseconds(4);
  wheel.advance(now);
  EXPECT_EQ(soon.fired, 0);
  now = start + milliseconds(5);
  wheel.advance(now);
  EXPECT_EQ(soon.fired, 1);
  EXPECT_LE(wheel.next(), start + milliseconds(5000));
  now = start + milliseconds(10'000);
  wheel.advance(now);
  EXPECT_EQ(late.fired, 1);
  EXPECT_EQ(cancelled.fired, 0);
  EXPECT_EQ(wheel.next(), SteadyTime::max());
}

RC_GTEST_PROP(TimerWheel, WhoFollowsNextIsNeverLate, (std::vector<std::uint32_t> delays)) {
  const SteadyTime start{};
  SteadyTime now = start;
  TimerWheel wheel(start);
  std::vector<std::unique_ptr<Probe>> probes;
  for (const auto delay : delays) {
    auto probe = std::make_unique<Probe>();
    probe->now = &now;
    wheel.arm(*probe, start + milliseconds(delay % 2'000'000));
    probes.push_back(std::move(probe));
  }
  while (wheel.next() != SteadyTime::max()) {
    now = wheel.next();
    wheel.advance(now);
  }
  for (std::size_t i = 0; i < delays.size(); ++i) {
    RC_ASSERT(probes[i]->fired == 1);
    RC_ASSERT(probes[i]->at - start >= milliseconds(delays[i] % 2'000'000));
    RC_ASSERT(probes[i]->at - start <= milliseconds(delays[i] % 2'000'000 + 1));
  }
}

}  // namespace
}  // namespace sluice
