#include "stream/followers.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "stream/test_stage.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using test::kAtOnce;
using test::kGop;
using test::kNoPrepush;
using test::play;
using test::Stage;
using test::units_of;
using test::Viewer;

constexpr std::size_t kSize = 3000;  // of a frame, where viewers are to be slow

TEST(Followers, MoveASlowViewerOnToAUnitsBorder) {
  play([]() -> Task<void> {
    Stage stage(kGop, kAtOnce, test::kBulk, milliseconds(1000));
    stage.begin_run({"h264"});
    stage.video(0, kSize);
    Viewer quick;
    Viewer slow(8192);
    stage.join(quick);
    stage.join(slow);
    for (std::int64_t n = 1; n < 300; ++n) {
      stage.video(n, kSize);
      co_await Stage::work();
      quick.read();
      slow.read(kSize / 2);
    }
    const auto tail = quick.read().substr(quick.read().size() - kSize);
    co_await test::until([&] { return slow.read().ends_with(tail); }, "the slow viewer");
    EXPECT_EQ(units_of(quick.read(), kSize).size(), 1 + 300u) << "the others get everything";
    EXPECT_GT(stage.followers.counters().skipped, 1u);
    EXPECT_EQ(stage.followers.counters().closed_slow, 0u);
    const auto units = units_of(slow.read(), kSize);
    EXPECT_LT(units.size(), 250u);
    EXPECT_EQ(units.front(), "I1");
    Ticks at(-3600);
    for (std::size_t i = 1; i < units.size(); ++i) {
      EXPECT_TRUE(units[i].starts_with("0")) << units[i] << ": every unit is whole";
      const Ticks dts(std::stoll(units[i].substr(2)));
      if (dts != at + Ticks(3600)) EXPECT_EQ(units[i][1], 'k') << "goes on at a keyframe";
      EXPECT_GT(dts, at);
      at = dts;
    }
  });
}

TEST(Followers, CloseAViewerWhoDoesNotRead) {
  play([]() -> Task<void> {
    for (const bool reads_a_little : {false, true}) {
      Stage stage(kGop, kAtOnce, test::kBulk, milliseconds(1000));
      stage.begin_run({"h264"});
      stage.video(0, kSize);
      Viewer quick;
      Viewer stuck(8192);
      stage.join(quick);
      stage.join(stuck);
      std::uint64_t most = 0;
      for (std::int64_t n = 1; n < 300; ++n) {
        stage.video(n, kSize);
        co_await Stage::work();
        quick.read();
        if (reads_a_little) stuck.read(10);
        most = std::max(most, stage.flow->held_bytes());
      }
      EXPECT_EQ(units_of(quick.read(), kSize).size(), 301u);
      EXPECT_EQ(stage.followers.counters().closed_slow, 1u);
      EXPECT_TRUE(stuck.closed()) << "and its session ends with that";
      EXPECT_EQ(stage.followers.size(), 2u) << "until the session has gone";
      EXPECT_LE(most, 3 * 25 * (kSize + 100)) << "he costs the stream nothing";
    }
  });
}

TEST(Followers, CloseOneWhoIsInTheMiddleOfAHugeUnit) {
  play([]() -> Task<void> {
    constexpr std::size_t kHuge = 200'000;
    Stage stage(kGop, kAtOnce, test::kBulk, milliseconds(1000));
    stage.begin_run({"h264"});
    stage.video(0, kHuge);
    Viewer stuck(8192);
    stage.join(stuck);
    for (std::int64_t n = 1; n < 80; ++n) {
      stage.video(n, kHuge);
      co_await Stage::work();
    }
    EXPECT_EQ(stage.followers.counters().skipped, 0u);
    EXPECT_EQ(stage.followers.counters().closed_slow, 1u);
  });
}

TEST(Followers, CloseOneWhoAsksAndDoesNotListen) {
  play([]() -> Task<void> {
    Stage stage(kGop, kAtOnce);
    stage.begin_run({"h264"});
    stage.video(0);
    Viewer viewer(4096);
    stage.join(viewer);
    for (int i = 0; i < 1000 && stage.followers.counters().closed_slow == 0; ++i) {
      viewer.follower->send_between(Bytes(1000));
      co_await Stage::work();
    }
    EXPECT_EQ(stage.followers.counters().closed_slow, 1u);
    EXPECT_TRUE(viewer.closed());
  });
}

TEST(Followers, ToldOfTheChangeWhenTheyAreMovedOnAcrossIt) {
  play([]() -> Task<void> {
    Stage stage(kGop, kAtOnce, test::kBulk, milliseconds(1000));
    stage.begin_run({"h264"});
    stage.video(0, kSize);
    Viewer slow(8192);
    stage.join(slow);
    for (std::int64_t n = 1; n < 30; ++n) stage.video(n, kSize);
    stage.begin_run({"h264", "aac"});
    std::int64_t n = 30;
    while (stage.followers.counters().skipped == 0) {
      stage.video(n++, kSize);
      co_await Stage::work();
    }
    stage.video(n, kSize);
    const auto last = fmt::format("0 {}", n * 3600);
    co_await test::until([&] { return units_of(slow.read(), kSize).back() == last; }, "the last frame");
    const auto units = units_of(slow.read(), kSize);
    const auto change = std::ranges::find(units, "C2");
    EXPECT_TRUE(change != units.end());
    if (change != units.end()) EXPECT_TRUE((change + 1)->starts_with("0k")) << *(change + 1);
    EXPECT_EQ(std::ranges::count(units, "C2"), 1);
  });
}

TEST(Followers, PauseBehindTheUnitInFlightAndGoOnWithoutRepeating) {
  play([]() -> Task<void> {
    constexpr std::size_t kSize = 25'000;
    Stage stage(kGop, kAtOnce, test::kBulk);
    stage.begin_run({"h264"});
    stage.video(0, kSize);
    Viewer viewer(4096);
    stage.join(viewer);
    co_await Stage::work();
    EXPECT_LT(viewer.sent, kSize) << "he is in the middle of a unit";
    viewer.follower->pause();
    viewer.follower->send_between(Bytes(4, std::byte{';'}));
    stage.video(1, kSize);
    const auto has = [&](std::size_t units) {
      return [&, units] { return viewer.read().size() >= units * kSize && viewer.sent == viewer.read().size(); };
    };
    co_await test::until(has(1), "the rest of the unit");
    co_await Stage::work();
    EXPECT_TRUE(viewer.read().ends_with(";;;;")) << "and then what was to be said, and nothing more";
    viewer.follower->resume();
    co_await test::until(has(2), "the unit that he missed");
    EXPECT_EQ(viewer.read().find("0 3600;"), viewer.read().find(";;;;") + 4) << "nothing is lost";

    viewer.follower->pause();
    for (std::int64_t n = 2; n < 60; ++n) stage.video(n, kSize);
    const auto before = viewer.read().size();
    viewer.follower->resume();
    viewer.follower->resume();
    co_await test::until(has(12), "what is live");
    EXPECT_EQ(viewer.read().substr(before, 12), "I1;0k180000;");
  });
}

TEST(Followers, LeaveTheRestOfTheUnitInFlight) {
  play([]() -> Task<void> {
    constexpr std::size_t kSize = 25'000;
    Stage stage(kGop, kAtOnce, test::kBulk);
    stage.begin_run({"h264"});
    stage.video(0, kSize);
    Viewer viewer(4096);
    stage.join(viewer);
    viewer.follower->send_between(Bytes(4, std::byte{';'}));
    stage.video(1, kSize);
    co_await Stage::work();
    const Bytes rest = viewer.follower->leave();
    const std::uint64_t sent = viewer.sent;
    EXPECT_EQ(units_of(viewer.read() + std::string(as_text(rest)), kSize),
              (std::vector<std::string>{"I1", "0k0", "", "", "", ""}));
    stage.video(2, kSize);
    co_await Stage::work();
    EXPECT_EQ(viewer.sent, sent) << "he follows no more";
  });
}

TEST(Followers, ThatPausedForLongBeginAnew) {
  play([]() -> Task<void> {
    for (const Prepush prepush : {kGop, kNoPrepush}) {
      Stage stage(prepush, kAtOnce, test::kText, milliseconds(1000));
      stage.begin_run({"h264"});
      for (std::int64_t n = 0; n < 10; ++n) stage.video(n);
      Viewer viewer;
      stage.join(viewer);
      viewer.follower->pause();
      const std::string before = viewer.read();
      for (std::int64_t n = 10; n < 200; ++n) stage.video(n);
      viewer.follower->resume();
      co_await Stage::work();
      EXPECT_TRUE(viewer.read().substr(before.size()).starts_with("I1;0k630000;0 633600;")) << viewer.read();
      EXPECT_EQ(stage.followers.counters().closed_slow + stage.followers.counters().skipped, 0u);

      viewer.follower->pause();
      stage.begin_run({"h264", "aac"});
      stage.video(201);
      viewer.follower->resume();
      co_await Stage::work();
      EXPECT_FALSE(viewer.read().ends_with("0 723600;")) << "no picture without its init";
      stage.video(225);
      co_await Stage::work();
      EXPECT_TRUE(viewer.read().ends_with("I2;0k810000;"));

      viewer.follower->pause();
      stage.flow->end();
      stage.flush();
      EXPECT_TRUE(viewer.closed()) << "the end is for all";
    }
  });
}

TEST(Followers, SendBetweenUnits) {
  play([]() -> Task<void> {
    Stage stage(kGop, kAtOnce, test::kBulk);
    stage.begin_run({"h264"});
    stage.video(0, 25'000);
    Viewer viewer(4096);
    stage.join(viewer);
    co_await Stage::work();
    EXPECT_LT(viewer.sent, 25'000u) << "he is in the middle of a unit";
    const auto say = [&](std::string_view text) {
      viewer.follower->send_between(Bytes(as_bytes(text).begin(), as_bytes(text).end()));
    };
    say("Xone;");
    stage.video(1, 25'000);
    say("Xtwo;");
    const auto all = [&] { return viewer.read().size() > 50'000; };
    co_await test::until(all, "both frames");
    EXPECT_EQ(units_of(viewer.read(), 25'000), (std::vector<std::string>{"I1", "0k0", "Xone", "Xtwo", "0 3600"}));
    say("Xthree;");
    co_await Stage::work();
    EXPECT_TRUE(viewer.read().ends_with("Xthree;")) << "at once where he has everything";
    EXPECT_EQ(viewer.sent, viewer.read().size());
  });
}

}  // namespace
}  // namespace sluice::stream
