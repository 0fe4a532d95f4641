#include "stream/followers.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "stream/test_stage.hpp"

namespace {

std::atomic<std::uint64_t> allocations = 0;

}  // namespace

// Counted for one test below; the array forms come here too. ThreadSanitizer brings operators of its own.
#if !__has_feature(thread_sanitizer)
void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kAtOnce;
using test::kGop;
using test::kNoPrepush;
using test::play;
using test::Stage;
using test::units_of;
using test::Viewer;

TEST(Followers, GetTheSameBytesFromAStartOn) {
  play([]() -> Task<void> {
    Stage stage(kGop, kAtOnce);
    stage.begin_run({"h264", "aac"});
    std::vector<std::unique_ptr<Viewer>> viewers;
    std::string all;
    for (std::int64_t n = 0; n < 120; ++n) {
      stage.push(0, n);
      stage.push(1, 2 * n);
      stage.flush();
      if (n % 7 == 0) stage.join(*viewers.emplace_back(std::make_unique<Viewer>()));
      if (n % 3 == 0) co_await Stage::work();
    }
    co_await Stage::work();
    all = viewers[0]->read();
    EXPECT_TRUE(all.starts_with("I2;0k0;1k0;0 3600;"));
    EXPECT_EQ(viewers.size(), 18u);
    for (const auto& viewer : viewers) {
      const std::string& got = viewer->read();
      EXPECT_TRUE(got.starts_with("I2;0k")) << got.substr(0, 20);
      EXPECT_TRUE(all.ends_with(std::string_view(got).substr(3)));
      EXPECT_EQ(viewer->sent, got.size());
    }
  });
}

TEST(Followers, BeginWherePrepushSays) {
  play([]() -> Task<void> {
    for (const auto& [prepush, expected] :
         {std::pair(kNoPrepush, "I1;0k180000;0 183600;"), std::pair(kGop, "I1;0k90000;0 93600;"),
          std::pair(Prepush{.mode = Prepush::Mode::seconds, .length = seconds(1)}, "I1;0k0;0 3600;")}) {
      Stage stage(prepush, kAtOnce);
      Viewer early;
      EXPECT_FALSE(stage.followers.can_begin());
      stage.begin_run({"h264"});
      for (std::int64_t n = 0; n < 30; ++n) stage.video(n);
      Viewer viewer;
      stage.join(viewer);
      if (prepush.mode == Prepush::Mode::off) EXPECT_EQ(viewer.read(), "");
      for (std::int64_t n = 30; n < 60; ++n) stage.video(n);
      co_await Stage::work();
      EXPECT_TRUE(viewer.read().starts_with(expected)) << viewer.read().substr(0, 40);
      EXPECT_TRUE(viewer.read().ends_with("0 208800;0 212400;"));
    }
  });
}

TEST(Followers, BeginNoWhereWhileNothingFeeds) {
  play([]() -> Task<void> {
    for (const Prepush prepush : {kGop, kNoPrepush}) {
      Stage stage(prepush, kAtOnce);
      stage.begin_run({"h264"});
      for (std::int64_t n = 0; n < 30; ++n) stage.video(n);
      Viewer early;
      stage.join(early);
      stage.flow->set_idle();
      stage.flush();
      EXPECT_FALSE(stage.followers.can_begin());
      stage.begin_run({"h264"});
      stage.flush();
      EXPECT_EQ(stage.followers.can_begin(), prepush == kNoPrepush) << "the next run has no place to begin yet";
      for (std::int64_t n = 50; n < 60; ++n) stage.video(n);
      Viewer late;
      stage.join(late);
      for (std::int64_t n = 60; n < 80; ++n) stage.video(n);
      co_await Stage::work();
      EXPECT_TRUE(late.read().starts_with(prepush == kGop ? "I1;0k180000;" : "I1;0k270000;")) << late.read();
      EXPECT_TRUE(early.read().ends_with(";0 277200;0 280800;0 284400;")) << "who was there already plays on";
    }
  });
}

TEST(Followers, BeginBehindASilence) {
  play([]() -> Task<void> {
    for (const Prepush prepush : {kGop, kNoPrepush, Prepush{.mode = Prepush::Mode::seconds, .length = seconds(5)}}) {
      Stage stage(prepush, kAtOnce);
      stage.begin_run({"h264"});
      for (std::int64_t n = 0; n < 30; ++n) stage.video(n);
      Viewer early;
      stage.join(early);
      stage.flow->set_idle();
      stage.flush();
      EXPECT_FALSE(stage.followers.can_begin());
      stage.video(30);
      EXPECT_EQ(stage.followers.can_begin(), prepush == kNoPrepush) << "it is long since the last keyframe";
      for (std::int64_t n = 31; n < 60; ++n) stage.video(n);
      Viewer late;
      stage.join(late);
      for (std::int64_t n = 60; n < 80; ++n) stage.video(n);
      co_await Stage::work();
      EXPECT_TRUE(late.read().starts_with(prepush == kNoPrepush ? "I1;0k270000;" : "I1;0k180000;")) << late.read();
      EXPECT_EQ(early.read().find('I', 1), std::string::npos) << "who was there already plays on";
      EXPECT_TRUE(early.read().ends_with(";0 277200;0 280800;0 284400;"));
    }
  });
}

TEST(Followers, SendEachUpdateWithOneCall) {
  play([]() -> Task<void> {
    Stage stage(kGop, {.mode = MergeWindow::Mode::video, .length = milliseconds(50)});
    stage.begin_run({"h264", "aac"});
    stage.video(0);
    std::array<Viewer, 10> viewers;
    for (Viewer& viewer : viewers) stage.join(viewer);
    const auto before = stage.followers.counters().sends;
    stage.push(1, 0);
    stage.push(1, 1);
    stage.push(0, 1);
    EXPECT_TRUE(stage.flow->due(Shard::current().now()));
    stage.flush();
    co_await Stage::work();
    EXPECT_EQ(stage.followers.counters().sends - before, viewers.size()) << "the sound rides on the picture";
    for (Viewer& viewer : viewers) EXPECT_EQ(viewer.read(), "I2;0k0;1k0;1k1920;0 3600;");
  });
}

TEST(Followers, GatherEverythingOfAWindow) {
  play([]() -> Task<void> {
    constexpr auto kWindow = milliseconds(40);
    Stage stage(kGop, {.mode = MergeWindow::Mode::time, .length = kWindow});
    stage.begin_run({"h264"});
    stage.video(0);
    std::array<Viewer, 20> viewers;
    for (Viewer& viewer : viewers) stage.join(viewer);
    const auto before = stage.followers.counters().sends;
    const auto began = std::chrono::steady_clock::now();
    for (std::int64_t n = 1; n < 60; ++n) {
      stage.video(n);
      co_await sleep_for(milliseconds(1));
    }
    const auto all_have_all = [&] {
      return std::ranges::all_of(viewers, [](Viewer& v) { return v.read().ends_with("0 212400;"); });
    };
    co_await test::until(all_have_all, "the last frame");
    const auto windows = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - began) / kWindow);
    EXPECT_LE(stage.followers.counters().sends - before, (windows + 2) * viewers.size());
    for (Viewer& viewer : viewers) EXPECT_EQ(viewer.read(), viewers[0].read());
  });
}

TEST(Followers, InAWindowBeginAlsoAfterTheLastHasLeft) {
  play([]() -> Task<void> {
    Stage stage(kGop, {.mode = MergeWindow::Mode::time, .length = milliseconds(5)});
    stage.begin_run({"h264"});
    stage.video(0);
    for (int round = 0; round < 3; ++round) {
      Viewer viewer;
      stage.join(viewer);
      stage.video(round + 1);
      const auto last = fmt::format("0 {};", 3600 * (round + 1));
      co_await test::until([&] { return viewer.read().ends_with(last); }, "a frame");
      viewer.follower.reset();
      EXPECT_EQ(stage.followers.size(), 0u);
      co_await Stage::work();
    }
  });
}

TEST(Followers, SendToAWaitingViewerAtOnceAndTheInitAtHisStart) {
  play([]() -> Task<void> {
    Stage stage(kNoPrepush, kAtOnce);
    stage.begin_run({"h264"});
    stage.video(1);
    Viewer viewer;
    stage.join(viewer);
    viewer.follower->send_between(Bytes(as_bytes("X;").begin(), as_bytes("X;").end()));
    co_await Stage::work();
    EXPECT_EQ(viewer.read(), "X;");
    stage.video(25);
    co_await Stage::work();
    EXPECT_EQ(viewer.read(), "X;I1;0k90000;");
  });
}

TEST(Followers, SeeTracksChangeAndLaterOnesTheNewInit) {
  play([]() -> Task<void> {
    Stage stage(kGop, kAtOnce);
    stage.begin_run({"h264"});
    stage.video(0);
    Viewer running;
    stage.join(running);
    stage.begin_run({"h264", "aac"});
    stage.flush();
    EXPECT_FALSE(stage.followers.can_begin()) << "there is no start with the new init";
    stage.video(1);
    EXPECT_FALSE(stage.followers.can_begin());
    stage.video(25);
    Viewer later;
    stage.join(later);
    co_await Stage::work();
    EXPECT_EQ(running.read(), "I1;0k0;C2;0 3600;0k90000;");
    EXPECT_EQ(later.read(), "I2;0k90000;");
  });
}

TEST(Followers, GetTheEndAndAreClosed) {
  play([]() -> Task<void> {
    for (const auto& prepush : {kGop, kNoPrepush}) {
      Stage stage(prepush, {.mode = MergeWindow::Mode::video, .length = milliseconds(50)});
      stage.begin_run({"h264", "aac"});
      stage.video(0);
      Viewer viewer;
      stage.join(viewer);
      stage.push(1, 0);
      stage.flow->end();
      stage.flush();
      EXPECT_FALSE(stage.followers.can_begin());
      EXPECT_TRUE(viewer.closed());
      EXPECT_EQ(viewer.read(), prepush.mode == Prepush::Mode::gop ? "I2;0k0;1k0;E;" : "") << "or waited in vain";
      co_await Stage::work();
      viewer.follower->send_between(Bytes(5));
    }
  });
}

TEST(Followers, MayLeaveAtAnyTimeAndOutliveTheFollowers) {
  play([]() -> Task<void> {
    std::vector<std::unique_ptr<Viewer>> viewers;
    {
      Stage stage(kGop, kAtOnce);
      stage.begin_run({"h264"});
      stage.video(0);
      for (int i = 0; i < 50; ++i) stage.join(*viewers.emplace_back(std::make_unique<Viewer>()));
      for (std::int64_t n = 1; n < 200; ++n) {
        stage.video(n);
        co_await yield();
        if (n % 5 == 0) viewers.erase(viewers.begin() + n % static_cast<std::int64_t>(viewers.size()));
        if (n % 5 == 1) viewers[static_cast<std::size_t>(n * 7) % viewers.size()]->leave();
      }
      EXPECT_EQ(stage.followers.size(), viewers.size());
      co_await Stage::work();
    }
    for (const auto& viewer : viewers) {
      viewer->follower->send_between(Bytes(1));
      viewer->follower.reset();
    }
  });
}

TEST(Followers, OfTcpGetLargeFramesAlsoWhenTheirPagesAreGone) {
  play([]() -> Task<void> {
    constexpr std::size_t kLarge = 40'000;  // leaves by sendfile
    Stage stage(kGop, kAtOnce, test::kBulk, milliseconds(100));
    stage.begin_run({"h264"});
    stage.video(0, kLarge);
    Viewer viewer(4 << 20, Viewer::Kind::tcp);
    stage.join(viewer);
    // Queued in the socket; then the flow goes on far enough to give the pages back and write others there.
    for (std::int64_t n = 1; n < 5; ++n) stage.video(n * 25, kLarge);
    co_await Stage::work();
    const auto sent = viewer.sent;
    EXPECT_GT(sent, 2 * kLarge);
    for (std::int64_t n = 5; n < 12; ++n) stage.video(n * 25, kLarge);
    EXPECT_LE(stage.flow->held_bytes(), 4 * kLarge);
    co_await test::until([&] { return viewer.read().size() >= sent; }, "what was queued");
    const auto units = units_of(viewer.read(), kLarge);
    EXPECT_GE(units.size(), 3u);
    EXPECT_EQ(std::ranges::find(units, "?"), units.end());
  });
}

/// What a batch of updates costs beside the sends.
Task<std::uint64_t> allocations_with(std::size_t count) {
  constexpr std::int64_t kUpdates = 50;
  Stage stage(kGop, kAtOnce);
  stage.begin_run({"h264"});
  stage.video(0);
  std::vector<std::unique_ptr<Viewer>> viewers;
  for (std::size_t i = 0; i < count; ++i) stage.join(*viewers.emplace_back(std::make_unique<Viewer>()));
  std::vector<FlowUpdate> updates;
  for (std::int64_t n = 1; n <= kUpdates; ++n) {
    stage.push(0, n);
    updates.push_back(stage.flow->take_update(Shard::current().now()));
  }
  co_await Stage::work();
  const auto sends = stage.followers.counters().sends;
  const auto before = allocations.load();
  for (const FlowUpdate& update : updates) {
    const auto now = stage.followers.counters().sends;
    stage.followers.update(update);
    while (stage.followers.counters().sends < now + count) co_await yield();
  }
  const auto made = allocations.load() - before;
  co_await Stage::work();
  EXPECT_EQ(stage.followers.counters().sends - sends, count * kUpdates) << "one call for each viewer and update";
  for (const auto& viewer : viewers) EXPECT_TRUE(viewer->read().ends_with("0k180000;"));
  co_return made;
}

TEST(Followers, CostOneSendAndNoAllocationForAViewerAndUpdate) {
  play([]() -> Task<void> {
    const auto posts = Shard::current().load().posts;
    const auto few = co_await allocations_with(1);
    const auto many = co_await allocations_with(300);
    EXPECT_EQ(many, few) << "allocations do not depend on viewers";
    EXPECT_LT(few, 10u) << "of fifty updates: room for their units";
    EXPECT_EQ(Shard::current().load().posts, posts);
  });
}

}  // namespace
}  // namespace sluice::stream
