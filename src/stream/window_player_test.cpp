#include "stream/window_player.hpp"

#include <gtest/gtest.h>

#include "stream/errc.hpp"
#include "stream/test_file_window.hpp"
#include "stream/test_server.hpp"
#include "stream/window_media.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kSecond;
using test::Server;
using test::Viewer;

/// A window onto the file of a stream that is over, and those who play it.
class WindowPlayerTest : public testing::Test {
 protected:
  /// Lets `publish` make a stream, and `play` play the file of it.
  void run(const std::function<void(test::Source&)>& publish, const std::function<Task<void>()>& play,
           media::Tracks tracks = test::tracks({"h264", "aac"})) {
    StreamPlan plan;
    plan.streams = {test::published("s")};
    plan.streams[0].segment_count = 1000;
    Server server(std::move(plan));
    server.run([&]() -> Task<void> {
      auto source = co_await server.publish("s", tracks);
      publish(*source);
      source.reset();
      const auto live = (co_await server.media("s"))->window();
      auto listing = co_await live->listing();
      const auto done = [&] {
        return listing->target_duration > seconds(0) && std::ranges::all_of(listing->segments, &Segment::complete);
      };
      while (!done() && co_await live->changed(listing->generation, Server::soon())) listing = co_await live->listing();
      EXPECT_TRUE(done());
      window_ = std::make_shared<test::FileWindow>(*listing, config_);
      media_ = std::make_shared<WindowMedia>(config_, window_);
      co_await play();
    });
  }
  Task<void> follow(Viewer& viewer, const FlowForm& form = test::kText, View view = {}) {
    auto follower = co_await media_->follow(form, std::move(view), *viewer.socket, viewer.sent, {}, Server::soon());
    EXPECT_TRUE(follower) << follower.error().message();
    if (follower) viewer.follower = std::move(*follower);
  }
  static Task<void> until_closed(Viewer& viewer) {
    co_await test::until([&] { return viewer.closed(); }, "the end");
  }

  /// What the viewer of a form reads: its init and these frames.
  static std::string expected(const media::Tracks& tracks, Ticks from, Ticks to, bool with_payloads = false) {
    Bytes out;
    for (const auto& frame : test::frames(tracks, from, to, 100, 25)) {
      test::TextMuxer::write(out, frame, with_payloads);
    }
    return std::string(as_text(out));
  }
  /// The dts of the last frame that was read.
  static Ticks newest(const std::string& read) {
    const auto whole = read.substr(0, read.rfind(';'));
    const auto at = whole.rfind(';');
    return at == std::string::npos || whole.size() < at + 3 ? Ticks(-1) : Ticks(std::atoll(whole.c_str() + at + 3));
  }

  std::shared_ptr<StreamConfig> config_ = [] {
    auto config = std::make_shared<StreamConfig>(test::published("file"));
    config->prepush = {.mode = Prepush::Mode::seconds, .length = seconds(1000)};
    return config;
  }();
  std::shared_ptr<test::FileWindow> window_;
  std::shared_ptr<WindowMedia> media_;
};

/// The beginning of a window, until it grows.
class Growing final : public Window {
 public:
  Growing(std::shared_ptr<Window> whole, Listing begun)
      : whole_(std::move(whole)), begun_(std::make_shared<const Listing>(std::move(begun))) {}

  Task<std::shared_ptr<const Listing>> listing() override {
    if (grown_) co_return co_await whole_->listing();
    co_return begun_;
  }
  Task<bool> changed(std::uint64_t, SteadyTime deadline) override { co_return co_await event_.wait(deadline); }
  Task<Result<std::shared_ptr<const Segment>>> loaded(std::shared_ptr<const Segment> segment,
                                                      std::vector<std::uint32_t> tracks) override {
    return whole_->loaded(std::move(segment), std::move(tracks));
  }
  Task<Result<Body>> piece(std::shared_ptr<const Segment> segment, std::string key, std::vector<std::uint32_t> tracks,
                           MakePiece make) override {
    return whole_->piece(std::move(segment), std::move(key), std::move(tracks), make);
  }
  void grow() {
    grown_ = true;
    event_.notify_all();
  }

 private:
  std::shared_ptr<Window> whole_;
  std::shared_ptr<const Listing> begun_;
  bool grown_ = false;
  Event event_;
};

const media::Tracks kAv = test::tracks({"h264", "aac"});

TEST_F(WindowPlayerTest, SendsTheWholeWindowInOrder) {
  run([](test::Source& source) { source.send_until(5 * kSecond); },
      [&]() -> Task<void> {
        Viewer viewer;
        co_await follow(viewer, test::kBulk);
        co_await until_closed(viewer);
        EXPECT_EQ(viewer.read(), "I2;" + expected(kAv, Ticks(0), 5 * kSecond, true) + "E;");
        EXPECT_EQ(viewer.sent, viewer.read().size());
      });
}

TEST_F(WindowPlayerTest, TellsANewRun) {
  run(
      [](test::Source& source) {
        source.send_until(3 * kSecond);
        source.change_tracks(test::tracks({"h264", "aac", "aac"}));
        source.send_until(5 * kSecond);
      },
      [&]() -> Task<void> {
        Viewer viewer;
        co_await follow(viewer);
        co_await until_closed(viewer);
        EXPECT_EQ(viewer.read(), "I2;" + expected(kAv, Ticks(0), 3 * kSecond) + "C3;" +
                                     expected(test::tracks({"h264", "aac", "aac"}), 3 * kSecond, 5 * kSecond) + "E;");
      });
}

TEST_F(WindowPlayerTest, SendsTheTracksOfAView) {
  run([](test::Source& source) { source.send_until(3 * kSecond); },
      [&]() -> Task<void> {
        Viewer viewer;
        co_await follow(viewer, test::kText, *View::parse("a1"));
        co_await until_closed(viewer);
        EXPECT_EQ(viewer.read(), "I1;" + expected(test::tracks({"aac"}), Ticks(0), 3 * kSecond) + "E;");
      });
}

TEST_F(WindowPlayerTest, KeepsThePaceOfTheStamps) {
  config_->prepush = {.mode = Prepush::Mode::off};
  run([](test::Source& source) { source.send_until(kSecond); },
      [&]() -> Task<void> {
        const auto began = Shard::current().now();
        Viewer viewer;
        co_await follow(viewer);
        co_await test::until(
            [&] {
              const Ticks last = newest(viewer.read());
              EXPECT_LE(last, to_ticks(Shard::current().now() - began)) << "never early";
              return viewer.closed();
            },
            "the end");
        EXPECT_GE(Shard::current().now() - began, milliseconds(960));
      });
}

TEST_F(WindowPlayerTest, GathersForAsLongAsTheMergeWindow) {
  config_->prepush = {.mode = Prepush::Mode::off};
  config_->merge_window = {.mode = MergeWindow::Mode::time, .length = milliseconds(200)};
  run([](test::Source& source) { source.send_until(kSecond); },
      [&]() -> Task<void> {
        Viewer viewer;
        co_await follow(viewer);
        std::vector<std::uint64_t> sent{viewer.sent};
        const auto ended = [&] {
          if (viewer.sent != sent.back()) sent.push_back(viewer.sent);
          return viewer.closed();
        };
        co_await test::until(ended, "the end");
        EXPECT_LE(sent.size(), 8u) << "a second in pieces of 200 ms";
      });
}

TEST_F(WindowPlayerTest, BeginsWithAGopAtOnce) {
  config_->prepush = {.mode = Prepush::Mode::gop};
  run([](test::Source& source) { source.send_until(10 * kSecond); },
      [&]() -> Task<void> {
        Viewer viewer;
        const auto began = Shard::current().now();
        co_await follow(viewer);
        const auto at_once = newest(viewer.read());
        EXPECT_GE(at_once, kSecond - Ticks(3600));
        EXPECT_LE(at_once, kSecond + to_ticks(Shard::current().now() - began));
      });
}

TEST_F(WindowPlayerTest, DoesNotWaitWhereThereIsNothing) {
  config_->prepush = {.mode = Prepush::Mode::off};
  run(
      [](test::Source& source) {
        source.send_until(kSecond);
        source.pass_to(61 * kSecond);
        source.send_until(62 * kSecond);
      },
      [&]() -> Task<void> {
        const auto segments = (co_await window_->listing())->segments;
        EXPECT_GE(segments.back()->dts, 60 * kSecond) << "the hole is in the file";
        Viewer viewer;
        co_await follow(viewer);
        co_await until_closed(viewer);
        EXPECT_EQ(viewer.read(),
                  "I2;" + expected(kAv, Ticks(0), kSecond) + "C2;" + expected(kAv, 61 * kSecond, 62 * kSecond) + "E;");
      });
}

TEST_F(WindowPlayerTest, ASlowViewerGetsAllOfItLater) {
  run([](test::Source& source) { source.send_until(20 * kSecond); },
      [&]() -> Task<void> {
        Viewer viewer(4096);
        co_await follow(viewer, test::kBulk);
        const auto whole = "I2;" + expected(kAv, Ticks(0), 20 * kSecond, true) + "E;";
        const auto slowly = [&] { return viewer.read(2000).size() == whole.size(); };
        EXPECT_LT(viewer.sent, whole.size() / 4) << "no more than the socket takes";
        co_await test::until(slowly, "all of it");
        EXPECT_EQ(viewer.read(), whole);
        co_await until_closed(viewer);
      });
}

TEST_F(WindowPlayerTest, GoesOnWhenTheWindowGrows) {
  run([](test::Source& source) { source.send_until(5 * kSecond); },
      [&]() -> Task<void> {
        Listing begun = *co_await window_->listing();
        begun.segments.resize(2);
        begun.ended = false;
        const auto growing = std::make_shared<Growing>(window_, std::move(begun));
        media_ = std::make_shared<WindowMedia>(config_, growing);
        Viewer viewer;
        co_await follow(viewer);
        const auto two = "I2;" + expected(kAv, Ticks(0), 2 * kSecond);
        co_await test::until([&] { return viewer.read() == two; }, "what there is");
        viewer.follower->send_between(Bytes(as_bytes("(own)").begin(), as_bytes("(own)").end()));
        co_await test::until([&] { return viewer.read() == two + "(own)"; }, "what is his own, meanwhile");
        growing->grow();
        co_await until_closed(viewer);
        EXPECT_EQ(viewer.read(), two + "(own)" + expected(kAv, 2 * kSecond, 5 * kSecond) + "E;");
      });
}

TEST_F(WindowPlayerTest, EndsWithItsFollower) {
  config_->prepush = {.mode = Prepush::Mode::gop};
  run([](test::Source& source) { source.send_until(20 * kSecond); },
      [&]() -> Task<void> {
        Viewer viewer;
        co_await follow(viewer);
        const auto held = window_.use_count();
        viewer.follower.reset();
        EXPECT_LT(window_.use_count(), held);
        EXPECT_LE(window_->loads, 3) << "no further than it had come, and one ahead";
      });
}

TEST_F(WindowPlayerTest, OwnBytesComeBetweenUnits) {
  config_->prepush = {.mode = Prepush::Mode::off};
  run([](test::Source& source) { source.send_until(kSecond); },
      [&]() -> Task<void> {
        Viewer viewer;
        co_await follow(viewer);
        viewer.follower->send_between(Bytes(as_bytes("(one)").begin(), as_bytes("(one)").end()));
        co_await until_closed(viewer);
        std::string read = viewer.read();
        const auto at = read.find("(one)");
        EXPECT_NE(at, std::string::npos);
        if (at == std::string::npos) co_return;
        EXPECT_EQ(read[at - 1], ';');
        read.erase(at, 5);
        EXPECT_EQ(read, "I2;" + expected(kAv, Ticks(0), kSecond) + "E;");
      });
}

TEST_F(WindowPlayerTest, AViewerWhoPausesMissesNothing) {
  config_->prepush = {.mode = Prepush::Mode::off};
  run([](test::Source& source) { source.send_until(kSecond); },
      [&]() -> Task<void> {
        Viewer viewer;
        const auto began = Shard::current().now();
        co_await follow(viewer);
        co_await test::until([&] { return newest(viewer.read()) >= kSecond / 5; }, "some frames");
        viewer.follower->pause();
        viewer.follower->pause();
        const auto before = viewer.read();
        viewer.follower->send_between(Bytes(as_bytes("(paused)").begin(), as_bytes("(paused)").end()));
        co_await test::until([&] { return viewer.read().ends_with("(paused)"); }, "what is his own");
        const auto paused = Shard::current().now();
        co_await test::until([&] { return Shard::current().now() - paused > milliseconds(300); }, "a while");
        EXPECT_EQ(viewer.read(), before + "(paused)");
        viewer.follower->resume();
        co_await until_closed(viewer);
        EXPECT_GE(Shard::current().now() - began, milliseconds(1260)) << "at the same pace as before";
        std::string read = viewer.read();
        read.erase(before.size(), 8);
        EXPECT_EQ(read, "I2;" + expected(kAv, Ticks(0), kSecond) + "E;");
      });
}

TEST_F(WindowPlayerTest, WhoLeavesKeepsTheSocketAndWhatIsOnItsWay) {
  run([](test::Source& source) { source.send_until(20 * kSecond); },
      [&]() -> Task<void> {
        Viewer viewer(4096);
        co_await follow(viewer, test::kBulk);
        int looks = 0;
        std::uint64_t before = 0;
        const auto full = [&] {
          looks = viewer.sent == std::exchange(before, viewer.sent) ? looks + 1 : 0;
          return viewer.sent > 0 && looks > 50;
        };
        co_await test::until(full, "a full socket");
        viewer.follower->send_between(Bytes(as_bytes("(own)").begin(), as_bytes("(own)").end()));
        const Bytes rest = viewer.follower->leave();
        viewer.follower.reset();
        EXPECT_FALSE(viewer.closed());
        std::string read = viewer.read() + std::string(as_text(rest));
        EXPECT_TRUE(read.ends_with("(own)"));
        read.erase(read.size() - 5);
        const auto whole = "I2;" + expected(kAv, Ticks(0), 20 * kSecond, true);
        EXPECT_TRUE(whole.starts_with(read));
        EXPECT_GT(read.size(), viewer.sent);
        EXPECT_LT(read.size(), whole.size());
        Bytes units;
        bool ends_with_a_unit = false;
        for (const auto& frame : test::frames(kAv, Ticks(0), 20 * kSecond, 100, 25)) {
          test::TextMuxer::write(units, frame, true);
          ends_with_a_unit = ends_with_a_unit || 3 + units.size() == read.size();
        }
        EXPECT_TRUE(ends_with_a_unit);
      });
}

TEST_F(WindowPlayerTest, WhoDoesNotTakeWhatHeAskedForIsClosed) {
  run([](test::Source& source) { source.send_until(20 * kSecond); },
      [&]() -> Task<void> {
        Viewer viewer(4096);
        co_await follow(viewer, test::kBulk);
        for (int i = 0; i < 5; ++i) viewer.follower->send_between(Bytes(100'000));
        co_await until_closed(viewer);
        EXPECT_LT(viewer.read().size(), 100'000u);
      });
}

TEST_F(WindowPlayerTest, WhoTakesNothingForLongIsClosed) {
  constexpr auto kStall = milliseconds(500);
  run([](test::Source& source) { source.send_until(20 * kSecond); },
      [&]() -> Task<void> {
        const auto whole = "I2;" + expected(kAv, Ticks(0), 20 * kSecond, true) + "E;";
        Viewer viewer(4096);
        WindowPlayer player(window_, test::kBulk, {}, config_, *viewer.socket, viewer.sent, kStall);
        const auto began = Shard::current().now();
        const auto takes_a_little = [&] {
          viewer.read(100);
          return Shard::current().now() - began > 2 * kStall;
        };
        co_await test::until(takes_a_little, "longer than that");
        const auto before = viewer.sent;
        co_await test::until([&] { return !viewer.read(100).empty() && viewer.sent > before; }, "more");
        co_await sleep_for(2 * kStall);
        co_await until_closed(viewer);
        EXPECT_LT(viewer.read().size(), whole.size());
      });
}

TEST_F(WindowPlayerTest, WhatCannotBePlayedIsRefused) {
  run([](test::Source& source) { source.send_until(3 * kSecond); },
      [&]() -> Task<void> {
        Viewer viewer;
        const auto none =
            co_await media_->follow(test::kText, *View::parse("a7"), *viewer.socket, viewer.sent, {}, Server::soon());
        EXPECT_EQ(none.error(), Errc::no_track);
        WindowMedia empty(config_, std::make_shared<test::FileWindow>(Listing{}, config_));
        EXPECT_EQ((co_await empty.ready(test::kText, {}, Server::soon())).error(), Errc::not_running);
      });
}

}  // namespace
}  // namespace sluice::stream
