#include "core/shard.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <thread>

namespace sluice {
namespace {

using std::chrono::milliseconds;

Task<int> answer() { co_return 42; }
Task<int> chain() { co_return co_await answer() + 1; }

struct Guard {
  int& count;
  ~Guard() { ++count; }
};

/// Runs `body` on a shard of its own until it ends.
void run_on_shard(Task<void> (*body)(Shard&)) {
  Shards shards(1);
  TaskScope scope;
  shards[0].post([&] {
    scope.spawn([](Shards& all, Task<void> (*b)(Shard&)) -> Task<void> {
      co_await b(all[0]);
      all.stop();
    }(shards, body));
  });
  shards.run();
}

TEST(Task, ReturnsValuesThroughAChain) {
  run_on_shard([](Shard&) -> Task<void> { EXPECT_EQ(co_await chain(), 43); });
}

TEST(Task, SleepsAndIsNotEarly) {
  run_on_shard([](Shard& shard) -> Task<void> {
    const auto start = shard.now();
    co_await sleep_for(milliseconds(20));
    EXPECT_GE(shard.now() - start, milliseconds(20));
  });
}

TEST(Event, WakesEverybodyOrTimesOut) {
  run_on_shard([](Shard& shard) -> Task<void> {
    Event event;
    TaskScope scope;
    int woken = 0;
    const auto wait = [](Event& e, int& n) -> Task<void> { n += co_await e.wait() ? 1 : 100; };
    scope.spawn(wait(event, woken));
    scope.spawn(wait(event, woken));
    EXPECT_FALSE(co_await event.wait(shard.now() + milliseconds(5)));
    event.notify_all();
    while (scope.size() > 0) co_await sleep_for(milliseconds(1));
    EXPECT_EQ(woken, 2);
  });
}

TEST(TaskScope, DestroysWhatStillWaits) {
  run_on_shard([](Shard& shard) -> Task<void> {
    Event never;
    int destroyed = 0;
    const auto wait = [](Event& e, int& n) -> Task<void> {
      const Guard guard{n};
      co_await e.wait(SteadyTime::max());
    };
    {
      TaskScope scope;
      scope.spawn(wait(never, destroyed));
      scope.spawn(wait(never, destroyed));
      never.notify_all();  // both are in the shard's ready list when they are destroyed
      EXPECT_EQ(scope.size(), 2u);
    }
    EXPECT_EQ(destroyed, 2);
    EXPECT_FALSE(never.has_waiters());
    co_await sleep_until(shard.now());
  });
}

TEST(TaskScope, AnExceptionEndsOnlyItsTask) {
  run_on_shard([](Shard&) -> Task<void> {
    TaskScope scope;
    scope.spawn([]() -> Task<void> {
      co_await sleep_for(milliseconds(1));
      throw std::runtime_error("expected by the test");
    }());
    while (scope.size() > 0) co_await sleep_for(milliseconds(1));
  });
}

TEST(CallOn, RunsOnTheOtherShardAndComesBack) {
  Shards shards(2);
  TaskScope scope;
  shards[0].post([&] {
    scope.spawn([](Shards& all) -> Task<void> {
      const unsigned where = co_await call_on(all[1], [] { return Shard::current().index(); });
      EXPECT_EQ(where, 1u);
      EXPECT_EQ(Shard::current().index(), 0u);
      for (Shard* shard : {&all[0], &all[1]}) {
        bool caught = false;
        try {
          co_await call_on(*shard, []() -> int { throw std::runtime_error("expected by the test"); });
        } catch (const std::runtime_error&) {
          caught = true;
        }
        EXPECT_TRUE(caught) << "on shard " << shard->index();
      }
      all.stop();
    }(shards));
  });
  shards.run();
}

}  // namespace
}  // namespace sluice
