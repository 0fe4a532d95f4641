#include "core/worker.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace sluice {
namespace {

/// Runs `body` on a shard until it ends.
void run(Task<void> (*body)(Worker&)) {
  Shards shards(1);
  Worker worker;
  TaskScope scope;
  shards[0].post([&] {
    scope.spawn([](Task<void> (*b)(Worker&), Worker& w, Shards& s) -> Task<void> {
      co_await b(w);
      s.stop();
    }(body, worker, shards));
  });
  shards.run();
}

TEST(Worker, RunsOneThingAfterTheOtherOnAThreadOfItsOwn) {
  run([](Worker& worker) -> Task<void> {
    const auto shard = std::this_thread::get_id();
    std::vector<int> order;
    const auto first = co_await worker.run([&] {
      order.push_back(1);
      return std::this_thread::get_id();
    });
    const auto second = co_await worker.run([&] {
      order.push_back(2);
      return std::this_thread::get_id();
    });
    EXPECT_NE(first, shard);
    EXPECT_EQ(first, second);
    EXPECT_EQ(std::this_thread::get_id(), shard) << "who waits goes on where it was";
    EXPECT_EQ(order, (std::vector{1, 2}));
  });
}

TEST(Worker, AnExceptionIsTheCallers) {
  run([](Worker& worker) -> Task<void> {
    std::string text;
    try {
      co_await worker.run([]() -> int { throw std::runtime_error("expected by the test"); });
    } catch (const std::runtime_error& e) {
      text = e.what();
    }
    EXPECT_EQ(text, "expected by the test");
    EXPECT_EQ(co_await worker.run([] { return 7; }), 7) << "the thread goes on";
  });
}

TEST(Worker, WhoDoesNotWaitAnyMoreGetsNothing) {
  run([](Worker& worker) -> Task<void> {
    const auto began = std::make_shared<std::atomic<bool>>(false);
    {
      TaskScope scope;
      scope.spawn([](Worker& w, std::shared_ptr<std::atomic<bool>> b) -> Task<void> {
        co_await w.run([b] { return b->exchange(true); });
        ADD_FAILURE() << "came back to a task that is gone";
      }(worker, began));
    }
    co_await worker.run([] { return 0; });
    EXPECT_TRUE(*began) << "but it is done";
  });
}

}  // namespace
}  // namespace sluice
