#include "stream/store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "stream/test_store.hpp"

namespace sluice::stream {
namespace {

using std::chrono::seconds;
using test::kSecond;
using test::memory_of;
using test::StoreTest;

TEST_F(StoreTest, ALeaseKeepsTheBytesOfADroppedSegment) {
  run([&] {
    begin_run(test::tracks({"h264", "aac"}));
    targets();
    segment(0);
    auto body = listing().segments.at(0)->body(std::array{0u, 1u});
    const Bytes before = bytes_of(body);
    for (std::uint64_t n = 1; n < 20; ++n) segment(n);
    EXPECT_EQ(listing().segments.front()->number, 16u);
    EXPECT_EQ(bytes_of(body), before);
    const auto held = memory_of(shard_->arena());
    EXPECT_EQ(store_->held_bytes(), held);
    body = {};
    EXPECT_GE(held - memory_of(shard_->arena()), before.size());
    EXPECT_LT(held - memory_of(shard_->arena()), before.size() + 2 * Arena::kPage) << "two tracks, whole pages";
    EXPECT_EQ(store_->held_bytes(), memory_of(shard_->arena()));
  });
}

TEST_F(StoreTest, ALeaseOfAnOldSegmentKeepsNothingElse) {
  run([&] {
    begin_run(test::tracks({"h264"}));
    targets();
    segment(0);
    const auto one = memory_of(shard_->arena());
    const Body old = listing().segments.at(0)->body(std::array{0u});
    for (std::uint64_t n = 1; n < 50; ++n) {
      segment(n);
      listing();
    }
    EXPECT_EQ(memory_of(shard_->arena()), 8 * one) << "three listed, four that were, and the old one";
  });
}

TEST_F(StoreTest, WantsTheOldestBackWhenSlowViewersKeepTooMuch) {
  run([&] {
    begin_run(test::tracks({"h264"}));
    targets();
    std::deque<Body> held;
    const auto wanted = [&] {
      return std::ranges::count_if(held, [](const Body& b) { return b.recall->wanted_back(); });
    };
    const auto hold = [&](std::uint64_t n) {
      segment(n);
      held.push_back(listing().segments.back()->body(std::array{0u}));
    };
    for (std::uint64_t n = 0; n < 10; ++n) hold(n);
    const auto one = store_->held_bytes() / 10;
    const std::uint64_t kept = listing().segments.size() * one;
    EXPECT_EQ(store_->pinned_bytes(), 10 * one - kept);
    EXPECT_EQ(wanted(), 0);
    for (std::uint64_t n = 10; n < 50; ++n) {
      hold(n);
      if (wanted() == 0) continue;
      EXPECT_EQ(wanted(), 1);
      EXPECT_TRUE(held.front().recall->wanted_back()) << "the oldest";
      EXPECT_GE(store_->pinned_bytes(), kept / 2);
      held.front().recall->on_cut();
      held.pop_front();
      ASSERT_LE(store_->pinned_bytes(), kept / 2 + 2 * one)
          << "the newest one is not counted, and was when it was kept";
    }
    EXPECT_GT(store_->cut(), 20u);
    EXPECT_EQ(store_->pinned_bytes(), memory_of(shard_->arena()) - kept);
  });
}

TEST_F(StoreTest, DemandsAQuarterOfTheBitRateFromWhoTakesASegment) {
  run([&] {
    begin_run(test::tracks({"h264"}));
    targets();
    segment(0, 4000);
    const auto& one = *listing().segments.front();
    const auto whole = one.body(std::array{0u});
    EXPECT_EQ(whole.least_rate, (whole.size() + 2) / 4) << "of a second";
    const auto part = one.part_body(0, 0);
    EXPECT_EQ(part.least_rate, (part.size() * 5 + 2) / 4) << "of 200 ms";
  });
}

TEST_F(StoreTest, GoesOnHoweverLongSomebodyHoldsASegment) {
  constexpr std::size_t kSmall = std::size_t{64} << 20;  // regions of 64 KiB: five segments fill one
  run(
      [&] {
        begin_run(test::tracks({"h264"}));
        targets();
        std::vector<std::pair<Body, Bytes>> held;
        for (std::uint64_t n = 0; n < 60; ++n) {
          segment(n, 500);
          if (n % 20 != 0) continue;
          held.emplace_back(listing().segments.back()->body(std::array{0u}), Bytes());
          held.back().second = bytes_of(held.back().first);
        }
        EXPECT_EQ(store_->lost_parts(), 0u);
        EXPECT_EQ(listed(), (std::vector<std::uint64_t>{57, 58, 59}));
        for (const auto& [body, bytes] : held) EXPECT_EQ(bytes_of(body), bytes);
        EXPECT_EQ(memory_of(shard_->arena()), store_->held_bytes());
        held.clear();
        EXPECT_EQ(memory_of(shard_->arena()), store_->held_bytes());
        EXPECT_LE(store_->held_bytes(), 4 * Arena::page_up(25 * 600));
      },
      kSmall);
}

TEST(Store, LeasesEndOnAnyShard) {
  test::run_on_shards(2, [](Shards& shards) -> Task<void> {
    Shard& home = shards[0];
    const WallClock clock(SteadyTime{}, UtcTime(seconds(1)));
    std::optional<Store> store(std::in_place, home, clock, Store::Options{.segment_count = 1});
    auto run = std::make_shared<stream::Run>();
    run->tracks = test::tracks({"h264"});
    store->on_run(run);
    store->on_targets(seconds(6), Ticks(18'000));
    const auto lay = [&](std::uint64_t number) {
      store->on_segment(number, static_cast<std::int64_t>(number) * kSecond, number == 0);
      store->on_segment_utc(number, UtcTime(seconds(number)));
      const auto frame = test::frame(run->tracks[0], 0, static_cast<std::int64_t>(number) * 25, 20'000, 25);
      store->on_part(number, 0, std::span(&frame, 1), false);
      store->on_track_complete(number, 0);
      store->on_segment_complete(number, kSecond);
    };
    lay(0);
    auto first = store->listing()->segments.at(0);
    const auto expected = test::frame(run->tracks[0], 0, 0, 20'000, 25).payload;
    std::atomic<bool> go = false;
    std::atomic<bool> equal = false;
    // The other shard looks at the bytes when the home shard has long dropped them.
    TaskScope there;
    shards[1].post([&, body = first->body(std::array{0u})]() mutable {
      there.spawn([](Body b, std::atomic<bool>& begin, std::atomic<bool>& same, Payload should_be) -> Task<void> {
        co_await test::until([&] { return begin.load(); }, "the home shard");
        const BytesView bytes = b.ranges.at(0).view();
        same = std::ranges::equal(bytes.last(should_be.size()), should_be.view());
        b = {};
      }(std::move(body), go, equal, expected));
    });
    for (std::uint64_t n = 1; n < 10; ++n) lay(n);
    (void)store->listing();
    EXPECT_EQ(first.use_count(), 1);
    first.reset();
    const auto one = Arena::page_up(20'000 + 200);
    EXPECT_EQ(memory_of(home.arena()), 3 * one) << "one listed, one more, one leased";
    go = true;
    co_await test::until([&] { return memory_of(home.arena()) == 2 * one; }, "the lease's pages");
    EXPECT_TRUE(equal);
    store.reset();
    EXPECT_EQ(memory_of(home.arena()), 0u);
    co_await call_on(shards[1], [&] {
      there.cancel();
      return true;
    });
  });
}

}  // namespace
}  // namespace sluice::stream
