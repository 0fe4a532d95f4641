#include "stream/registry.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "stream/test_server.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kSecond;
using test::kTracks;
using test::Server;
using test::Viewer;
using test::with_templates;

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

}  // namespace
}  // namespace sluice::stream
