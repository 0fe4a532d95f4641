#include "stream/registry.hpp"

#include <gtest/gtest.h>

#include <cstdio>

#include "stream/test_server.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kSecond;
using test::kTracks;
using test::Server;
using test::Source;
using test::Viewer;
using test::with_templates;

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::uint64_t resident_bytes() {
  std::uint64_t pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  EXPECT_EQ(std::fscanf(file, "%*u %lu", &pages), 1);
  std::fclose(file);
  return pages * 4096;
}

// --- names --------------------------------------------------------------------------------------------------------

TEST(Registry, ResolvesWhatIsConfiguredAndWhatATemplateMakes) {
  StreamPlan plan = with_templates();
  plan.streams = {test::pulled("cam"), test::published("studio/one"), test::pulled("off")};
  plan.streams[2].disabled = true;
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    for (Registry* registry : {&server[0], &server[1]}) {
      for (const std::string name : {"cam", "studio/one", "pull/a/b"}) {
        const auto error = std::make_shared<std::atomic<int>>(-1);
        server.spawn_on(registry->shard().index(), [name, error](Registry& here) -> Task<void> {
          const auto media = co_await here.resolve(name);
          EXPECT_TRUE(media) << name;
          if (media) EXPECT_EQ((*media)->name(), name);
          if (media) EXPECT_EQ((*media)->config().name, name);
          *error = 0;
        });
        co_await test::until([&] { return *error == 0; }, name);
      }
    }
    for (const std::string name : {"nothing", "studio", "live/x", "pull", "off", "other/pull/x"}) {
      const auto media = co_await server[0].resolve(name);
      EXPECT_EQ(media.error(), Errc::not_found) << name;
    }
    EXPECT_EQ((co_await server.size()).streams, 4u) << "three of the config, one of a template";
  });
}

TEST(Registry, RefusesBadNamesBeforeAnythingElse) {
  Server server(with_templates());
  server.run([&]() -> Task<void> {
    using namespace std::string_literals;
    for (const std::string& name : {""s, ".."s, "live/../x"s, "live//x"s, "/live"s, "live/"s, "live%2fx"s, "live/\0x"s,
                                    "live/"s + std::string(300, 'a'), "live/x y"s}) {
      EXPECT_EQ((co_await server[0].resolve(name)).error(), Errc::bad_name) << name;
      EXPECT_EQ((co_await server[0].publish({.name = name})).error(), Errc::bad_name) << name;
    }
    EXPECT_EQ((co_await server.size()).streams, 0u);
  });
}

TEST(Registry, NamesThatDoNotExistLeaveNothingBehind) {
  StreamPlan plan = with_templates(test::kAsleep);
  plan.templates[0].options.password = "secret";
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    constexpr int kNames = kSanitized ? 10'000 : 100'000;
    constexpr int kAtATime = 100;
    const auto ask = [](Registry& registry, int first, int last) -> Task<void> {
      for (int n = first; n < last; ++n) {
        const auto name = (n % 2 ? "live/" : "") + std::string("does/not/exist") + std::to_string(n);
        const auto media = co_await registry.resolve(name);
        EXPECT_EQ(media.error(), Errc::not_found);
        const auto feed = co_await registry.publish({.name = name, .password = "wrong"});
        EXPECT_EQ(feed.error(), n % 2 ? Errc::wrong_password : Errc::not_found);
      }
    };
    std::uint64_t after_a_tenth = 0;
    for (int tenth = 0; tenth < 10; ++tenth) {
      TaskScope scope;
      constexpr int kEach = kNames / 10 / kAtATime;
      const int first = tenth * kNames / 10;
      for (int i = 0; i < kAtATime; ++i) scope.spawn(ask(server[0], first + i * kEach, first + (i + 1) * kEach));
      co_await test::until([&] { return scope.size() == 0; }, "the answers");
      if (tenth == 0) after_a_tenth = resident_bytes();
    }
    const auto size = co_await server.size();
    EXPECT_EQ(size.streams + size.views + size.openings, 0u);
    if (!kSanitized) EXPECT_LT(resident_bytes(), after_a_tenth + (1 << 20));
  });
}

// --- publishing and playing ---------------------------------------------------------------------------------------

class RegistryHome : public testing::TestWithParam<unsigned> {};

TEST_P(RegistryHome, APublisherIsPlayedOnEveryShard) {
  StreamPlan plan = with_templates();
  Server server(std::move(plan));
  const auto name = server.name_at(GetParam(), "live/");
  std::unique_ptr<Viewer> there;  // on shard 1
  std::atomic<bool> there_plays = false;
  server.run([&]() -> Task<void> {
    const auto source = co_await server.publish(name, kTracks);
    source->send_until(kSecond);
    const auto media = co_await server.media(name);
    Viewer here;
    co_await server.play(media, here);
    server.spawn_on(1, [&](Registry&) -> Task<void> {
      there = std::make_unique<Viewer>();
      co_await server.play(co_await server.media(name), *there);
      there_plays = true;
    });
    co_await test::until([&] { return there_plays.load(); }, "the viewer on the other shard");
    source->send_until(6 * kSecond);
    const std::string last = "0 536400;";
    co_await test::until([&] { return here.read().find(last) != std::string::npos; }, "the last frame");
    EXPECT_TRUE(here.read().starts_with("I2;0k0;1k0;")) << here.read().substr(0, 40) << ": one GOP of prepush";
    std::string got;
    while (got.find(last) == std::string::npos) {
      got = co_await call_on(server.shards[1], [&] { return there->read(); });
      co_await sleep_for(milliseconds(1));
    }
    EXPECT_EQ(got, here.read()) << "the same bytes for every viewer";

    const auto window = media->window();
    std::shared_ptr<const Listing> listing = co_await window->listing();
    while (listing->segments.size() < 5) {
      EXPECT_TRUE(co_await window->changed(listing->generation, Server::soon()));
      listing = co_await window->listing();
    }
    EXPECT_EQ(listing->target_duration, seconds(2));
    EXPECT_EQ(listing->run()->tracks.size(), 2u);
    const auto statuses = co_await server[0].status();
    EXPECT_EQ(statuses.size(), 1u);
    EXPECT_EQ(statuses.at(0).config->name, name);
    EXPECT_EQ(statuses.at(0).source, "rtmp://10.0.0.1");
    EXPECT_TRUE(statuses.at(0).running && statuses.at(0).published);
    EXPECT_EQ(statuses.at(0).run->tracks.size(), 2u);
    EXPECT_GE(statuses.at(0).frames_in, 6u * 25);
  });
  server.scopes[1].cancel();
}

INSTANTIATE_TEST_SUITE_P(Home, RegistryHome, testing::Values(0u, 1u));

TEST(Registry, PostsOnceForABatchHoweverManyWatch) {
  for (const std::size_t count : {1u, 40u}) {
    Server server(with_templates(test::kAsleep));
    const auto name = server.name_at(1, "live/");
    server.run([&]() -> Task<void> {
      const auto source = co_await server.publish(name, kTracks);
      source->send_until(kSecond);
      const auto media = co_await server.media(name);
      std::vector<std::unique_ptr<Viewer>> viewers;
      for (std::size_t i = 0; i < count; ++i) {
        co_await server.play(media, *viewers.emplace_back(std::make_unique<Viewer>()));
      }
      const auto posts_there = [&] { return server.shards[1].load().posts; };
      const auto here = Shard::current().load().posts;
      const auto there = co_await call_on(server.shards[1], posts_there);
      constexpr std::uint64_t kBatches = 4 * 25;
      source->send_until(5 * kSecond);
      const auto last = [](const auto& viewer) { return viewer->read().find("0 446400;") != std::string::npos; };
      co_await test::until([&] { return std::ranges::all_of(viewers, last); }, "the last frame");
      EXPECT_LE(Shard::current().load().posts - here, kBatches + 1) << "and the answer to the question for posts";
      EXPECT_LE(co_await call_on(server.shards[1], posts_there) - there, kBatches + 2);
    });
  }
}

TEST(Registry, WaitsForAPlaceToBeginAndSaysWhatIsMissing) {
  StreamPlan plan;
  plan.streams = {test::published("a")};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto media = co_await server.media("a");
    const auto in_vain = co_await media->ready(test::kText, {}, Shard::current().now() + milliseconds(5));
    EXPECT_EQ(in_vain.error(), Errc::not_running);
    Viewer viewer;
    bool ready = false;
    TaskScope scope;
    scope.spawn([](std::shared_ptr<Media> of, bool& done) -> Task<void> {
      EXPECT_TRUE(co_await of->ready(test::kText, {}, Server::soon()));
      done = true;
    }(media, ready));
    const auto source = co_await server.publish("a", kTracks);
    EXPECT_FALSE(ready);
    source->send_until(kSecond);
    co_await test::until([&] { return ready; }, "a place to begin");
    EXPECT_EQ((co_await media->ready(test::kText, *View::parse("v7"), Server::soon())).error(), Errc::no_track);
    Viewer sound;
    co_await server.play(media, sound, test::kText, *View::parse("a1"));
    EXPECT_TRUE(sound.read().starts_with("I1;0k"));
  });
}

TEST(Registry, WhoWaitsFromBeforeThePublisherGetsItsFirstFrames) {
  for (const auto& codecs : {test::tracks({"aac"}), test::tracks({"h264", "aac"})}) {
    for (const auto mode : {Prepush::Mode::off, Prepush::Mode::gop, Prepush::Mode::seconds}) {
      StreamPlan plan;
      plan.streams = {test::published("a"), test::published("b")};  // on one shard and on the other
      for (StreamConfig& config : plan.streams) config.prepush.mode = mode;
      Server server(std::move(plan));
      server.run([&]() -> Task<void> {
        for (const std::string name : {"a", "b"}) {
          const auto media = co_await server.media(name);
          std::array<Viewer, 2> viewers;
          TaskScope scope;
          scope.spawn(server.play(media, viewers[0]));
          // RTMP and HTTP answer between the two.
          scope.spawn([](Server& at, std::shared_ptr<Media> of, Viewer& viewer) -> Task<void> {
            const auto ready = co_await of->ready(test::kText, {}, Server::soon());
            EXPECT_TRUE(ready);
            co_await yield();
            auto follower = co_await of->follow(test::kText, {}, *viewer.socket, viewer.sent, *ready, at.soon());
            EXPECT_TRUE(follower);
            if (follower) viewer.follower = std::move(*follower);
          }(server, media, viewers[1]));
          for (int i = 0; i < 100; ++i) co_await yield();  // until the flow is opened
          const auto source = co_await server.publish(name, codecs);
          source->send_until(kSecond);
          for (Viewer& viewer : viewers) {
            co_await test::until([&] { return viewer.read().size() > 300; }, "a second of " + name);
            EXPECT_TRUE(viewer.read().starts_with(codecs.size() == 1 ? "I1;0k0;0k1920;0k3840;" : "I2;0k0;1k0;"))
                << viewer.read().substr(0, 40);
          }
        }
      });
    }
  }
}

/// How long a publisher may let its frames gather.
std::chrono::nanoseconds may_gather(const Source& source) {
  const auto now = Shard::current().now();
  return std::max(source.feed->next_read(), now) - now;
}

TEST(Registry, LetsFramesGatherWhereNobodyNeedsThemAtOnce) {
  StreamPlan plan{.patience = test::kImpatient};
  plan.streams = {test::published("a"), test::published("b")};
  plan.streams[1].merge_window = {.mode = MergeWindow::Mode::time, .length = milliseconds(200)};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    for (const std::string name : {"a", "b"}) {
      const auto source = co_await server.publish(name, kTracks);
      source->send_until(kSecond);
      const auto gathers = [&] { return may_gather(*source) > milliseconds(0); };
      const auto reads_at_once = [&] { return may_gather(*source) == milliseconds(0); };
      co_await test::until(gathers, "nobody watches");
      EXPECT_LE(may_gather(*source), milliseconds(50));

      const auto media = co_await server.media(name);
      {
        Viewer viewer;
        co_await server.play(media, viewer);
        if (name == "a") co_await test::until(reads_at_once, "a viewer who gets every frame at once");
        for (int i = 0; i < 1000; ++i) co_await yield();
        EXPECT_EQ(gathers(), name == "b") << "viewers are served once in 200 ms";
      }
      co_await test::until(gathers, "he has left");

      TaskScope scope;
      scope.spawn([](std::shared_ptr<Media> of) -> Task<void> {
        for (;;) (void)co_await of->window()->changed(UINT64_MAX - 1, Shard::current().now() + milliseconds(1));
      }(media));
      co_await test::until(reads_at_once, "one who waits for each part");
      scope.cancel();
      co_await test::until(gathers, "nor does he any more");
    }
  });
}

TEST(Registry, MakesNoListingsThatNobodyLooksAt) {
  StreamPlan plan;
  plan.streams = {test::published("a")};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto source = co_await server.publish("a", kTracks);
    source->send_until(10 * kSecond);
    const auto media = co_await server.media("a");
    const auto listing = co_await media->window()->listing();
    EXPECT_GE(listing->segments.size(), 4u);
    EXPECT_EQ(listing->generation, 1u);
    source->send_until(11 * kSecond);
    EXPECT_TRUE(co_await media->window()->changed(listing->generation, Server::soon()));
  });
}

TEST(Registry, SaysWhetherASourceIsThere) {
  StreamPlan plan;
  plan.patience.for_publishers = std::chrono::nanoseconds(0);
  plan.streams = {test::published("a"), test::pulled("b")};
  plan.streams[1].is_static = false;
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto window = (co_await server.media("a"))->window();
    EXPECT_FALSE((co_await window->listing())->has_source);
    auto source = co_await server.publish("a", kTracks);
    EXPECT_TRUE(co_await window->changed(0, Server::soon()));
    EXPECT_TRUE((co_await window->listing())->has_source) << "before its first frame";
    source.reset();
    while ((co_await window->listing())->has_source) {
      EXPECT_TRUE(co_await window->changed((co_await window->listing())->generation, Server::soon()));
    }
    EXPECT_TRUE((co_await (co_await server.media("b"))->window()->listing())->has_source) << "it starts on demand";
  });
}

TEST(Registry, ATrackChangeReachesListingAndFlow) {
  StreamPlan plan;
  plan.streams = {test::published("a")};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto source = co_await server.publish("a", kTracks);
    source->send_until(5 * kSecond);
    const auto media = co_await server.media("a");
    Viewer viewer;
    co_await server.play(media, viewer);
    const auto before = (co_await media->window()->listing())->run();
    source->change_tracks(test::tracks({"h264", "aac", "mp3"}));
    source->send_until(8 * kSecond);
    co_await test::until([&] { return viewer.read().find("0 716400;") != std::string::npos; }, "the last frame");
    const auto change = viewer.read().find("C3;0k450000;");
    EXPECT_NE(change, std::string::npos) << viewer.read();
    std::shared_ptr<const Listing> listing;
    do {
      co_await sleep_for(milliseconds(1));
      listing = co_await media->window()->listing();
    } while (listing->run() == before);
    EXPECT_EQ(listing->run()->tracks.size(), 3u);
    EXPECT_EQ(listing->run()->discontinuity, before->discontinuity + 1);
  });
}

}  // namespace
}  // namespace sluice::stream
