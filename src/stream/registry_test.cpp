#include "stream/registry.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "stream/test_server.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kSecond;
using test::Server;
using test::Source;
using test::Viewer;

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

const media::Tracks kTracks = test::tracks({"h264", "aac"});

/// "live/..." takes publishers, "pull/..." pulls.
StreamPlan with_templates(Patience patience = {}) {
  StreamPlan plan{.patience = patience};
  plan.templates.push_back({.options = test::published("publishing"), .prefixes = {"live"}});
  plan.templates.push_back({.options = test::pulled("pulling"), .prefixes = {"pull"}});
  for (TemplateConfig& made : plan.templates) made.options.clients_timeout = seconds(0);
  return plan;
}

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

TEST(Registry, AfterItsStartAPublisherIsAwaitedForAWhile) {
  StreamPlan plan{.patience = test::kImpatient};
  plan.patience.for_publishers = std::chrono::milliseconds(100);
  plan.streams = {test::published("a")};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto window = (co_await server.media("a"))->window();
    auto listing = co_await window->listing();
    EXPECT_TRUE(listing->has_source) << "viewers of before a restart are not sent away";
    EXPECT_TRUE(co_await window->changed(listing->generation, Server::soon()));
    EXPECT_FALSE((co_await window->listing())->has_source);
  });
}

/// "live/was" was on air before the server was started.
StreamPlan after_a_restart(milliseconds for_publishers) {
  StreamPlan plan = with_templates(test::kImpatient);
  plan.patience.for_publishers = for_publishers;
  plan.numbers = std::make_shared<NumberKeeper>(std::filesystem::path());
  const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  plan.numbers->used("live/was", {.segment = 7}, now - std::chrono::minutes(1));
  plan.numbers->used("live/long-ago", {.segment = 7}, now - std::chrono::hours(1));
  return plan;
}

TEST(Registry, AfterItsStartPublishersOfATemplateAreAwaitedWhereTheyWereOnAir) {
  Server server(after_a_restart(milliseconds(100)));
  server.run([&]() -> Task<void> {
    for (const std::string name : {"live/never", "live/long-ago"}) {
      EXPECT_EQ((co_await server[0].resolve(name)).error(), Errc::not_found) << name;
    }
    EXPECT_EQ((co_await server.size()).streams, 0u) << "nothing is kept for them";
    const auto window = (co_await server.media("live/was"))->window();
    auto listing = co_await window->listing();
    EXPECT_TRUE(listing->has_source) << "viewers of before a restart are not sent away";
    EXPECT_TRUE(co_await window->changed(listing->generation, Server::soon()));
    EXPECT_FALSE((co_await window->listing())->has_source);
    co_await server.until_size([](Registry::Size s) { return s.streams == 0; }, "the stream to go");
    EXPECT_EQ((co_await server[0].resolve("live/was")).error(), Errc::not_found);
  });
}

TEST(Registry, WhoWaitsForAPublisherOfATemplatePlaysWhenHeIsBack) {
  Server server(after_a_restart(seconds(60)));
  server.run([&]() -> Task<void> {
    const auto media = co_await server.media("live/was");
    bool ready = false;
    TaskScope scope;
    scope.spawn([](std::shared_ptr<Media> of, bool& done) -> Task<void> {
      EXPECT_TRUE(co_await of->ready(test::kText, {}, Server::soon()));
      done = true;
    }(media, ready));
    co_await sleep_for(10 * test::kImpatient.tick);
    EXPECT_FALSE(ready);
    const auto source = co_await server.publish("live/was", kTracks);
    source->send_until(kSecond);
    co_await test::until([&] { return ready; }, "his return");
    Viewer viewer;
    co_await server.play(media, viewer);
    EXPECT_TRUE(viewer.read().starts_with("I2;0k"));
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

// --- who publishes ------------------------------------------------------------------------------------------------

TEST(Registry, AsksAPublisherForThePassword) {
  StreamPlan plan = with_templates();
  plan.templates[0].options.password = "secret";
  plan.streams = {test::published("a"), test::pulled("b")};
  plan.streams[0].password = "other";
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    EXPECT_EQ((co_await server[0].publish({.name = "a"})).error(), Errc::wrong_password);
    EXPECT_EQ((co_await server[0].publish({.name = "a", .password = "secret"})).error(), Errc::wrong_password);
    EXPECT_EQ((co_await server[0].publish({.name = "b", .password = "secret"})).error(), Errc::not_publishable);
    EXPECT_EQ((co_await server[0].publish({.name = "live/x"})).error(), Errc::wrong_password);
    EXPECT_EQ((co_await server.size()).streams, 2u) << "who does not know it leaves nothing behind";
    co_await server.publish("a", kTracks, "other");
    co_await server.publish("live/x", kTracks, "secret");
  });
}

class RegistryTakeover : public testing::TestWithParam<unsigned> {};

TEST_P(RegistryTakeover, TheSecondPublisherTakesOver) {
  StreamPlan plan;
  const auto name = [&] { return Server({}).name_at(GetParam()); }();
  plan.streams = {test::published(name)};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto first = co_await server.publish(name, kTracks);
    first->send_until(5 * kSecond);
    const auto media = co_await server.media(name);
    Viewer viewer;
    co_await server.play(media, viewer);
    const auto window = media->window();
    bool told = false;
    TaskScope scope;
    scope.spawn([](Feed& feed, bool& t) -> Task<void> {
      co_await feed.on_closed().wait();
      t = true;
    }(*first->feed, told));
    const auto second = co_await server.publish(name, kTracks);
    co_await test::until([&] { return told; }, "the first to learn it");
    EXPECT_TRUE(first->feed->closed());
    EXPECT_FALSE(second->feed->closed());
    first->send_until(7 * kSecond);  // it may not know yet
    second->send_until(5 * kSecond);
    first->feed.reset();
    auto now = co_await window->listing();
    while (now->segments.size() < 5 || now->segments.back()->run->id != 1) {
      EXPECT_TRUE(co_await window->changed(now->generation, Server::soon()));
      now = co_await window->listing();
    }
    EXPECT_FALSE(second->feed->closed()) << "the first one's end does not touch it";
    for (std::size_t i = 1; i < now->segments.size(); ++i) {
      const Segment& segment = *now->segments[i];
      const Segment& before = *now->segments[i - 1];
      EXPECT_EQ(segment.number, before.number + 1);
      EXPECT_EQ(segment.run->discontinuity, before.run->discontinuity + (segment.run != before.run ? 1 : 0));
      EXPECT_EQ(segment.begins_run, segment.run != before.run);
    }
    co_await test::until([&] { return viewer.read().find("C2;0k") != std::string::npos; }, "viewers to play on");
    EXPECT_FALSE(viewer.closed());
    const auto statuses = co_await server[0].status();
    EXPECT_TRUE(statuses.at(0).running);
  });
}

INSTANTIATE_TEST_SUITE_P(Home, RegistryTakeover, testing::Values(0u, 1u));

TEST(Registry, APublisherWhoGivesUpBeforeTheAnswerIsNoSource) {
  Server server(with_templates(test::kImpatient));
  const auto name = server.name_at(1, "live/");
  server.run([&]() -> Task<void> {
    {
      TaskScope scope;
      scope.spawn([](Server& at, std::string n) -> Task<void> { co_await at.publish(n, kTracks); }(server, name));
      EXPECT_EQ(scope.size(), 1u) << "waits for the home shard";
    }
    co_await call_on(server.shards[1], [] { return true; });
    co_await server.until_size([](Registry::Size s) { return s.streams == 0; }, "the stream to go");
  });
}

TEST(Registry, APublisherWhoReturnsGoesOnInANewRun) {
  StreamPlan plan;
  plan.streams = {test::published("a")};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    auto source = co_await server.publish("a", kTracks);
    source->send_until(5 * kSecond);
    const auto media = co_await server.media("a");
    const auto window = media->window();
    Viewer viewer;
    co_await server.play(media, viewer);
    source.reset();
    auto listing = co_await window->listing();
    while (!listing->segments.back()->complete) {
      EXPECT_TRUE(co_await window->changed(listing->generation, Server::soon()));
      listing = co_await window->listing();
    }
    EXPECT_FALSE((co_await server[0].status()).at(0).running);
    const auto newest = listing->segments.back();

    source = co_await server.publish("a", kTracks);
    source->send_until(5 * kSecond);
    while (listing->segments.back()->run == newest->run) {
      EXPECT_TRUE(co_await window->changed(listing->generation, Server::soon()));
      listing = co_await window->listing();
    }
    const auto next = std::ranges::find(listing->segments, newest->number + 1, &Segment::number);
    EXPECT_NE(next, listing->segments.end());
    if (next != listing->segments.end()) {
      EXPECT_TRUE((*next)->begins_run);
      EXPECT_EQ((*next)->run->discontinuity, newest->run->discontinuity + 1);
      EXPECT_GT((*next)->name(), newest->name());
    }
    EXPECT_FALSE(viewer.closed()) << "who waited plays on";
    co_await test::until([&] { return viewer.read().find("C2;0k") != std::string::npos; }, "the new run");
  });
}

TEST(Registry, WhoComesWhileThePublisherIsLostWaitsForTheNext) {
  StreamPlan plan;
  plan.streams = {test::published("a")};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    auto source = co_await server.publish("a", kTracks);
    source->send_until(5 * kSecond);
    const auto media = co_await server.media("a");
    Viewer viewer;
    co_await server.play(media, viewer);
    source.reset();
    while ((co_await server[0].status()).at(0).running) co_await yield();
    // A flow that is there already, and one that is opened now.
    for (const auto* form : {&test::kText, &test::kBulk}) {
      const auto soon = Shard::current().now() + milliseconds(5);
      EXPECT_EQ((co_await media->ready(*form, {}, soon)).error(), Errc::not_running) << form->name;
    }
    source = co_await server.publish("a", kTracks);
    source->send_until(kSecond);
    for (const auto* form : {&test::kText, &test::kBulk}) {
      Viewer late;
      co_await server.play(media, late, *form);
      EXPECT_TRUE(late.read().starts_with("I2;0k")) << form->name;
    }
  });
}

TEST(Registry, WhoComesWhileThePublisherIsSilentBeginsWithItsNextKeyframe) {
  constexpr Ticks kSilence = 11 * kSecond / 2;  // in the middle of a GOP
  StreamPlan plan;
  plan.patience.tick = milliseconds(2);
  plan.patience.silent = milliseconds(200);
  plan.streams = {test::published("a")};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto source = co_await server.publish("a", kTracks);
    const auto media = co_await server.media("a");
    Viewer early;
    std::array<Viewer, 2> late;
    int playing = 0;
    TaskScope scope;
    const auto play_when_it_can = [&](Viewer& viewer, const FlowForm& form) {
      scope.spawn([](Server& at, std::shared_ptr<Media> of, Viewer& by, const FlowForm& in, int& count) -> Task<void> {
        co_await at.play(of, by, in);
        ++count;
      }(server, media, viewer, form, playing));
    };
    play_when_it_can(early, test::kText);
    source->send_until(kSilence);
    co_await test::until([&] { return playing == 1; }, "who came early");
    const auto can_begin = [&](const FlowForm& form) -> Task<bool> {
      co_return (co_await media->ready(form, {}, Shard::current().now() + milliseconds(2))).has_value();
    };
    while (co_await can_begin(test::kText)) co_await sleep_for(milliseconds(1));
    EXPECT_FALSE(co_await can_begin(test::kBulk)) << "a flow that is opened now";
    EXPECT_TRUE((co_await server[0].status()).at(0).running) << "it is but silent";

    play_when_it_can(late[0], test::kText);
    play_when_it_can(late[1], test::kBulk);
    source->send_until(kSilence + kSecond / 10);
    EXPECT_EQ(playing, 1);
    source->send_until(13 * kSecond / 2);
    co_await test::until([&] { return playing == 3; }, "those who came late");
    source->send_until(8 * kSecond);
    for (Viewer& viewer : late) EXPECT_TRUE(viewer.read().starts_with("I2;0k540000;")) << viewer.read().substr(0, 40);
    co_await test::until([&] { return early.read().find("0 716400;") != std::string::npos; }, "the last frame");
    EXPECT_EQ(early.read().find('C'), std::string::npos) << "who was there plays on";
  });
}

// --- time ---------------------------------------------------------------------------------------------------------

TEST(Registry, ALongLostPublisherBeginsANewLife) {
  StreamPlan plan{.patience = test::kImpatient};
  plan.patience.unused = seconds(10);
  plan.streams = {test::published("a")};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    auto source = co_await server.publish("a", kTracks);
    source->send_until(5 * kSecond);
    const auto media = co_await server.media("a");
    const auto window = media->window();
    const auto listing = co_await window->listing();
    EXPECT_GE(listing->segments.size(), 4u);
    const auto newest = listing->segments.back();
    Viewer viewer;
    co_await server.play(media, viewer);
    source.reset();
    co_await test::until([&] { return viewer.closed(); }, "the end of the flow");
    EXPECT_TRUE(viewer.read().ends_with("E;"));
    auto now = listing;
    while (!now->segments.empty()) {
      EXPECT_TRUE(co_await window->changed(now->generation, Server::soon())) << "whoever waits learns it";
      now = co_await window->listing();
    }

    source = co_await server.publish("a", kTracks);
    source->send_until(5 * kSecond);
    while (now->segments.empty()) {
      EXPECT_TRUE(co_await window->changed(now->generation, Server::soon()));
      now = co_await window->listing();
    }
    EXPECT_GT(now->segments.front()->number, newest->number);
    Viewer next;
    co_await server.play(media, next);
    EXPECT_TRUE(next.read().starts_with("I2;0k"));
  });
}

// RFC 8216bis section 6.2.1: whoever has its last playlist can play it.
TEST(Registry, WithoutASourceAStreamStaysForTheLengthOfItsPlaylist) {
  StreamPlan plan{.patience = test::kImpatient};
  plan.patience.without_source_playlists = 1;
  plan.streams = {test::published("a")};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    auto source = co_await server.publish("a", kTracks);
    source->send_until(5 * kSecond);
    const auto window = (co_await server.media("a"))->window();
    const auto listing = co_await window->listing();
    Ticks length{};
    for (const auto& segment : listing->segments) length += segment->complete ? segment->duration : Ticks(0);
    EXPECT_GE(length, 2 * kSecond);
    source.reset();
    const auto left = std::chrono::steady_clock::now();
    auto now = listing;
    while (!now->segments.empty()) {
      EXPECT_TRUE(co_await window->changed(now->generation, Server::soon()));
      now = co_await window->listing();
    }
    EXPECT_GE(std::chrono::steady_clock::now() - left, length);
  });
}

TEST(Registry, AStreamOfATemplateGoesWithItsPublisher) {
  Server server(with_templates(test::kImpatient));
  const auto name = server.name_at(1, "live/");
  server.run([&]() -> Task<void> {
    auto source = co_await server.publish(name, kTracks);
    source->send_until(5 * kSecond);
    auto media = co_await server.media(name);
    auto window = media->window();
    Viewer viewer;
    co_await server.play(media, viewer);
    source.reset();
    co_await server.until_size([](Registry::Size s) { return s.streams == 0 && s.views == 0; }, "the stream to go");
    EXPECT_TRUE(viewer.closed());
    EXPECT_TRUE(viewer.read().ends_with("E;")) << viewer.read();
    const auto listing = co_await window->listing();
    EXPECT_FALSE(co_await window->changed(listing->generation, Server::soon())) << "nothing more will come";
    EXPECT_EQ((co_await media->ready(test::kText, {}, Server::soon())).error(), Errc::gone);
    EXPECT_EQ((co_await server[0].resolve(name)).error(), Errc::not_found);
    // And comes again with him.
    source = co_await server.publish(name, kTracks);
    source->send_until(kSecond);
    Viewer next;
    co_await server.play(co_await server.media(name), next);
    EXPECT_TRUE(next.read().starts_with("I2;0k"));
    window.reset();
    media.reset();
  });
}

TEST(Registry, ForgetsViewsAndFlowsThatNobodyUses) {
  StreamPlan plan{.patience = test::kImpatient};
  const auto name = [&] { return Server({}).name_at(1); }();
  plan.streams = {test::published(name)};
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto source = co_await server.publish(name, kTracks);
    source->send_until(kSecond);
    const auto memory = [&]() -> Task<std::uint64_t> { co_return (co_await server[0].status()).at(0).held_bytes; };
    const auto before = co_await memory();
    auto media = co_await server.media(name);
    auto viewer = std::make_unique<Viewer>();
    co_await server.play(media, *viewer);
    while ((co_await server[0].status()).at(0).viewers != 1) co_await sleep_for(milliseconds(1));
    EXPECT_GT(co_await memory(), before);
    viewer.reset();
    while (co_await memory() != before) co_await sleep_for(milliseconds(1));
    EXPECT_EQ((co_await server.size()).views, 1u) << "somebody has it still";
    media.reset();
    co_await server.until_size([](Registry::Size s) { return s.views == 0; }, "the view to go");
    EXPECT_EQ((co_await server[0].status()).at(0).viewers, 0u);
    EXPECT_TRUE(co_await server.media(name)) << "and it comes again";
  });
}

TEST(Registry, PullsOnDemandWhileSomebodyLooks) {
  StreamPlan plan = with_templates(test::kImpatient);
  plan.streams = {test::pulled("always"), test::pulled("sometimes")};
  plan.streams[1].is_static = false;
  plan.streams[1].clients_timeout = seconds(0);
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    co_await test::until([&] { return test::pulling == 1; }, "the static stream");
    for (const std::string name : {"sometimes", "pull/x"}) {
      auto media = co_await server.media(name);
      Viewer viewer;
      co_await server.play(media, viewer);
      EXPECT_EQ(test::pulling, 2);
      EXPECT_TRUE(viewer.read().starts_with("I2;0k"));
      viewer.follower.reset();
      media.reset();
      co_await test::until([&] { return test::pulling == 1; }, "the source to be left");
      co_await server.until_size([](Registry::Size s) { return s.streams == 2; }, "what a template made to go");
    }
  });
  EXPECT_EQ(test::pulling, 1);
}

TEST(Registry, CountsTheTimeWithoutViewersFromTheLastOne) {
  StreamPlan plan{.patience = test::kImpatient};
  plan.patience.unused = milliseconds(600);  // what is kept for the next viewer does not count as one
  plan.streams = {test::pulled("a")};
  plan.streams[0].is_static = false;
  plan.streams[0].clients_timeout = seconds(1);
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    auto media = co_await server.media("a");
    auto viewer = std::make_unique<Viewer>();
    co_await server.play(media, *viewer);
    co_await sleep_for(milliseconds(100));
    EXPECT_EQ(test::pulling, 1);
    viewer.reset();
    media.reset();
    const auto left = Shard::current().now();
    co_await test::until([&] { return test::pulling == 0; }, "the source to be left");
    const auto took = Shard::current().now() - left;
    EXPECT_GE(took, milliseconds(800)) << "but for the time between two looks";
    EXPECT_LT(took, milliseconds(1600));
  });
}

TEST(Registry, APublisherHasPrecedenceAndInputsStandIn) {
  StreamPlan plan{.patience = test::kImpatient};
  plan.patience.without_source = seconds(10);
  plan.streams = {test::published("a")};
  plan.streams[0].inputs.push_back({.scheme = "test", .url = "test://", .priority = 2});
  Server server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto source_of = [&]() -> Task<std::string> { co_return (co_await server[0].status()).at(0).source; };
    while (co_await source_of() != "test://") co_await sleep_for(milliseconds(1));
    auto publisher = co_await server.publish("a", kTracks);
    publisher->send_until(kSecond);
    while (co_await source_of() != "rtmp://10.0.0.1") co_await sleep_for(milliseconds(1));
    EXPECT_FALSE(publisher->feed->closed());
    const auto pulled = test::pulling.load();
    EXPECT_EQ(pulled, 1) << "the input stays connected";
  });
}

TEST(Registry, StopsWithEverythingRunning) {
  StreamPlan plan = with_templates(test::kImpatient);
  plan.streams = {test::pulled("cam1"), test::pulled("cam2"), test::published("a")};
  plan.patience.unused = seconds(10);
  std::vector<std::unique_ptr<Viewer>> viewers;
  std::vector<std::unique_ptr<Source>> sources;
  std::vector<std::shared_ptr<Media>> medias;
  std::atomic<int> playing = 0;
  {
    Server server(std::move(plan));
    server.run([&]() -> Task<void> {
      for (const std::string name : {"a", "live/x", "live/y"}) {
        sources.push_back(co_await server.publish(name, kTracks));
        sources.back()->send_until(5 * kSecond);
      }
      for (const std::string name : {"a", "live/x", "live/y", "cam1", "cam2", "pull/z"}) {
        medias.push_back(co_await server.media(name));
        co_await server.play(medias.back(), *viewers.emplace_back(std::make_unique<Viewer>()), test::kBulk);
        // On the other shard: a viewer, one who waits for a playlist, one who waits for a start that does not come.
        server.spawn_on(1, [&server, &playing, name](Registry&) -> Task<void> {
          const auto media = co_await server.media(name);
          Viewer viewer;
          co_await server.play(media, viewer);
          ++playing;
          const auto window = media->window();
          for (;;) co_await window->changed((co_await window->listing())->generation, Server::soon());
        });
        server.spawn_on(1, [&server, name](Registry&) -> Task<void> {
          const auto media = co_await server.media(name);
          (void)co_await media->ready(test::kText, *View::parse("v9"), Server::soon());
        });
      }
      co_await test::until([&] { return playing == 6; }, "all viewers");
      // In full swing, with questions and answers on their way.
      for (const auto& source : sources) source->send_until(source->at() + kSecond);
      for (int i = 0; i < 20; ++i) {
        server.spawn_on(static_cast<unsigned>(i % 2), [i](Registry& here) -> Task<void> {
          (void)co_await here.resolve("pull/new" + std::to_string(i));
          auto feed = co_await here.publish({.name = "live/new" + std::to_string(i)});
          co_await (*feed)->on_closed().wait();
        });
      }
    });
    // In the order of an application: connections first, then the registries.
    viewers.clear();
    sources.clear();
    medias.clear();
  }
  EXPECT_EQ(test::pulling, 0);
}

}  // namespace
}  // namespace sluice::stream
