#include "stream/registry.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

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
