#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "stream/registry.hpp"
#include "stream/test_server.hpp"

/// What a reload does to streams that run.
namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kSecond;
using test::kTracks;
using test::Server;
using test::Viewer;

/// A server whose plan the test changes.
class Reloaded : public Server {
 public:
  explicit Reloaded(StreamPlan plan) : Server(plan), before_(std::make_shared<const StreamPlan>(plan)) {
    for (const auto& registry : registries) all_.push_back(registry.get());
  }

  Task<void> apply(StreamPlan plan) {
    plan.drivers = registries[0]->plan().drivers;
    auto after = std::make_shared<const StreamPlan>(std::move(plan));
    co_await Registry::apply(all_, change_of(*before_, after));
    before_ = std::move(after);
  }

 private:
  std::shared_ptr<const StreamPlan> before_;
  std::vector<Registry*> all_;
};

class RegistryReload : public testing::TestWithParam<unsigned> {};

/// The numbers of frames that the viewer got, from `from` on without one missing.
void expect_unbroken(Viewer& viewer, Ticks from, Ticks to) {
  const std::string& text = viewer.read();
  std::size_t at = 0;
  for (Ticks dts = from; dts < to; dts += Ticks(3600)) {
    const auto found = text.find(std::to_string(dts.count()) + ";", at);
    ASSERT_NE(found, std::string::npos) << dts.count();
    at = found;
  }
  EXPECT_EQ(text.find('I', 1), std::string::npos) << "no second init";
}

/// Sends up to `to`, no faster than the viewer reads it.
Task<void> send_to(test::Source& source, Viewer& viewer, Ticks to) {
  while (source.at() < to) {
    source.send_until(std::min(to, source.at() + kSecond));
    const auto last = fmt::format("0 {};", (source.at() - Ticks(3600)).count());
    co_await test::until([&] { return viewer.read().contains(last); }, last);
  }
}

TEST_P(RegistryReload, WhatChangesInPlaceInterruptsNobody) {
  StreamPlan plan{.patience = test::kImpatient};
  plan.streams = {test::published("s0"), test::published("s1"), test::published("s2"), test::published("s3")};
  const auto first = plan;
  Reloaded server(std::move(plan));
  const auto name = server.name_at(GetParam());
  server.run([&]() -> Task<void> {
    const auto source = co_await server.publish(name, kTracks);
    source->send_until(5 * kSecond);
    const auto media = co_await server.media(name);
    Viewer viewer;
    co_await server.play(media, viewer);
    auto next = first;
    for (StreamConfig& config : next.streams) {
      config.title = "Another";
      config.password = "secret";
      config.url_prefix = "http://cdn";
      config.prepush = {.mode = Prepush::Mode::off};
      config.segment_count = 9;
      config.source_timeout = seconds(7);
      config.merge_window = {.mode = MergeWindow::Mode::time, .length = milliseconds(5)};
      config.inputs.push_back({.scheme = "test", .url = "test://", .priority = 2});
    }
    co_await server.apply(next);
    co_await send_to(*source, viewer, 20 * kSecond);
    expect_unbroken(viewer, Ticks(4 * kSecond), 20 * kSecond);
    EXPECT_EQ(media->config().title, "Another");
    EXPECT_EQ(media->config().url_prefix, "http://cdn");
    EXPECT_FALSE(source->feed->closed());
    EXPECT_EQ((co_await server[0].publish({.name = name})).error(), Errc::wrong_password);
    const auto window = media->window();
    auto listing = co_await window->listing();
    while (listing->segments.size() - listing->first_listed < 10) {
      EXPECT_TRUE(co_await window->changed(listing->generation, Server::soon()));
      listing = co_await window->listing();
    }
    EXPECT_EQ(listing->segments.back()->run->discontinuity, listing->segments.front()->run->discontinuity);
    // And back: fewer segments, every frame at once.
    co_await server.apply(first);
    co_await send_to(*source, viewer, 25 * kSecond);
    expect_unbroken(viewer, Ticks(4 * kSecond), 25 * kSecond);
    EXPECT_EQ((co_await server[0].status()).at(0).retry_count, 0u);
  });
}
INSTANTIATE_TEST_SUITE_P(Home, RegistryReload, testing::Values(0u, 1u));

TEST(RegistryReload, AnEqualPlanTouchesNothing) {
  StreamPlan plan;
  plan.streams = {test::published("a"), test::pulled("b")};
  plan.templates = {{.options = test::published("t"), .prefixes = {"live"}}};
  auto again = plan;
  again.streams[0].origin = {{.line = 7, .column = 3}};
  const auto change = change_of(plan, std::make_shared<const StreamPlan>(again));
  EXPECT_TRUE(change.streams.empty());
  EXPECT_FALSE(change.templates);
}

TEST(RegistryReload, AnotherSegmentDurationBeginsANewLifeOfThatStreamOnly) {
  StreamPlan plan;
  plan.streams = {test::published("a"), test::published("b")};
  auto next = plan;
  next.streams[0].segment_duration = seconds(2);
  Reloaded server(std::move(plan));
  server.run([&]() -> Task<void> {
    std::vector<std::unique_ptr<test::Source>> sources;
    std::vector<std::shared_ptr<Media>> media;
    std::vector<Viewer> viewers(2);
    for (const std::string name : {"a", "b"}) {
      sources.push_back(co_await server.publish(name, kTracks));
      sources.back()->send_until(5 * kSecond);
      media.push_back(co_await server.media(name));
      co_await server.play(media.back(), viewers[media.size() - 1]);
    }
    const auto before = co_await media[0]->window()->listing();
    co_await server.apply(next);
    co_await test::until([&] { return viewers[0].closed(); }, "the flow of the first to end");
    sources[0]->send_until(15 * kSecond);
    co_await send_to(*sources[1], viewers[1], 15 * kSecond);
    expect_unbroken(viewers[1], Ticks(4 * kSecond), 15 * kSecond);
    EXPECT_FALSE(sources[0]->feed->closed()) << "its publisher stays";
    const auto window = media[0]->window();
    auto listing = co_await window->listing();
    while (listing->segments.size() < 3) {
      EXPECT_TRUE(co_await window->changed(listing->generation, Server::soon()));
      listing = co_await window->listing();
    }
    EXPECT_GT(listing->segments.front()->number, before->segments.back()->number) << "no number is used twice";
    EXPECT_GT(listing->generation, before->generation);
    EXPECT_EQ(listing->segments[1]->duration, 2 * kSecond);
  });
}

TEST(RegistryReload, OnlyInputsThatDifferBeginOrEnd) {
  StreamPlan plan;
  plan.streams = {test::pulled("a")};
  const auto input = [](std::string url, std::uint32_t priority) {
    return InputConfig{.scheme = "test", .url = std::move(url), .priority = priority};
  };
  plan.streams[0].inputs = {input("test://1", 1), input("test://2", 2)};
  const auto first = plan;
  Reloaded server(std::move(plan));
  server.run([&]() -> Task<void> {
    co_await test::until([&] { return test::pulling == 2; }, "both");
    const auto status = [&]() -> Task<StreamStatus> { co_return (co_await server[0].status()).at(0); };
    const auto before = co_await status();
    auto next = first;
    next.streams[0].inputs = {input("test://3", 1), input("test://1", 2)};
    next.streams[0].inputs[1].comment = "in another place";
    co_await server.apply(next);
    EXPECT_EQ(test::pulling, 2) << "the second is gone, the third began";
    const auto after = co_await status();
    EXPECT_EQ(after.retry_count, 0u) << "the first was not begun anew";
    EXPECT_EQ(after.source, "test://3") << "which is better now";
    EXPECT_GT(after.frames_in, before.frames_in);
    next.streams[0].inputs = {input("test://1", 1)};
    co_await server.apply(next);
    EXPECT_EQ(test::pulling, 1);
    next.streams[0].inputs.clear();
    co_await server.apply(next);
    EXPECT_EQ(test::pulling, 0);
    EXPECT_EQ((co_await status()).frames_in, after.frames_in);
  });
}

TEST(RegistryReload, AnInputIsTriedAgainByThePlanThatIsInForce) {
  StreamPlan plan{.patience = test::kImpatient};
  plan.streams = {test::pulled("a")};
  plan.streams[0].inputs[0].url = "test://brief";
  const auto first = plan;
  Reloaded server(std::move(plan));
  server.run([&]() -> Task<void> {
    for (std::uint64_t retries = 2; retries < 10; retries += 2) {
      for (std::uint64_t now = 0; now < retries; co_await yield()) {
        const auto status = co_await server[0].status();
        now = status.empty() ? 0 : status[0].retry_count;
      }
      co_await server.apply(first);  // the plan that the input began with is gone
    }
  });
}

TEST(RegistryReload, WhatIsGoneEndsWithItsViewersAndPublishers) {
  StreamPlan plan;
  plan.streams = {test::published("a"), test::published("b"), test::published("c")};
  auto next = plan;
  next.streams.erase(next.streams.begin());   // a is removed
  next.streams[0].disabled = true;            // b is switched off
  next.streams[1].inputs = {};                // c takes no publishers any more
  next.streams.push_back(test::pulled("d"));  // and d is new
  const auto first = plan;
  Reloaded server(std::move(plan));
  server.run([&]() -> Task<void> {
    std::vector<std::unique_ptr<test::Source>> sources;
    std::vector<Viewer> viewers(3);
    for (const std::string name : {"a", "b", "c"}) {
      sources.push_back(co_await server.publish(name, kTracks));
      sources.back()->send_until(5 * kSecond);
      co_await server.play(co_await server.media(name), viewers[sources.size() - 1]);
    }
    co_await server.apply(next);
    for (auto& source : sources) co_await test::until([&] { return source->feed->closed(); }, "the publisher to go");
    co_await test::until([&] { return viewers[0].closed() && viewers[1].closed(); }, "the viewers to go");
    EXPECT_FALSE(viewers[2].closed()) << "of a stream that may get a source again";
    for (const std::string name : {"a", "b"}) {
      EXPECT_EQ((co_await server[0].resolve(name)).error(), Errc::not_found);
      EXPECT_EQ((co_await server[0].publish({.name = name})).error(), Errc::not_found);
    }
    EXPECT_EQ((co_await server[0].publish({.name = "c"})).error(), Errc::not_publishable);
    co_await test::until([&] { return test::pulling == 1; }, "d to start");
    co_await server.apply(first);
    for (const std::string name : {"a", "b", "c"}) EXPECT_TRUE(co_await server[0].publish({.name = name})) << name;
    EXPECT_EQ(test::pulling, 0);
  });
}

TEST(RegistryReload, WhatATemplateMadeFollowsIt) {
  StreamPlan plan;
  plan.templates.push_back({.options = test::published("t"), .prefixes = {"live"}});
  plan.templates.push_back({.options = test::published("u"), .prefixes = {"other"}});
  auto next = plan;
  next.templates[0].options.title = "Another";
  next.templates.pop_back();
  Reloaded server(std::move(plan));
  server.run([&]() -> Task<void> {
    const auto a = co_await server.publish("live/a", kTracks);
    const auto b = co_await server.publish("other/b", kTracks);
    a->send_until(5 * kSecond);
    const auto media = co_await server.media("live/a");
    Viewer viewer;
    co_await server.play(media, viewer);
    co_await server.apply(next);
    co_await send_to(*a, viewer, 8 * kSecond);
    expect_unbroken(viewer, Ticks(4 * kSecond), 8 * kSecond);
    co_await test::until([&] { return media->config().title == "Another"; }, "the new title");
    co_await test::until([&] { return b->feed->closed(); }, "the other publisher to go");
    EXPECT_EQ((co_await server.size()).streams, 1u);
    // A stream of its own now, and of the template again: its viewer does not notice.
    next.streams = {test::published("live/a")};
    co_await server.apply(next);
    next.streams.clear();
    co_await server.apply(next);
    co_await send_to(*a, viewer, 10 * kSecond);
    expect_unbroken(viewer, Ticks(4 * kSecond), 10 * kSecond);
    EXPECT_FALSE(a->feed->closed());
  });
}

// --- any plan -----------------------------------------------------------------------------------------------------

rc::Gen<StreamPlan> any_plan() {
  return rc::gen::exec([] {
    StreamPlan plan{.patience = test::kAsleep};
    for (const std::string name : {"a", "b", "c", "t/d"}) {
      if (*rc::gen::inRange(0, 3) == 0) continue;
      StreamConfig config = test::published(name);
      config.inputs.clear();
      for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
        const auto url = "test://" + std::to_string(*rc::gen::inRange(0, 4));
        config.inputs.push_back({.scheme = "test", .url = url, .priority = static_cast<std::uint32_t>(n)});
      }
      if (*rc::gen::arbitrary<bool>()) config.inputs.push_back({.scheme = "publish", .url = "publish://"});
      config.is_static = *rc::gen::weightedElement<bool>({{3, true}, {1, false}});
      config.disabled = *rc::gen::weightedElement<bool>({{1, true}, {4, false}});
      config.title = *rc::gen::element<std::string>("", "one", "two");
      config.segment_duration = seconds(*rc::gen::inRange(1, 3));
      plan.streams.push_back(std::move(config));
    }
    if (*rc::gen::arbitrary<bool>()) plan.templates = {{.options = test::published("p"), .prefixes = {"t"}}};
    return plan;
  });
}

/// What somebody outside can see of a server: its streams, how they are configured, how many sources are pulled.
struct Seen {
  std::map<std::string, std::string> streams;
  int pulling = 0;
};

Seen seen_after(const std::vector<StreamPlan>& plans) {
  Seen seen;
  Reloaded server(plans.front());
  server.run([&]() -> Task<void> {
    for (std::size_t i = 1; i < plans.size(); ++i) co_await server.apply(plans[i]);
    for (const StreamStatus& stream : co_await server[0].status()) {
      if (stream.published) continue;  // what a template makes stays while somebody needs it
      const StreamConfig& config = *stream.config;
      seen.streams[config.name] = fmt::format("{} {}", config.title, config.is_static);
    }
    for (const std::string name : {"a", "b", "c", "t/d"}) {
      const auto published = co_await server[0].publish({.name = name});
      seen.streams[name] += published ? " takes publishers" : " " + published.error().message();
    }
    seen.pulling = test::pulling;
  });
  return seen;
}

TEST(RegistryReload, AnyPlanAgainTouchesNothing) {
  EXPECT_TRUE(rc::check([] {
    const auto plan = *any_plan();
    const auto change = change_of(plan, std::make_shared<const StreamPlan>(plan));
    RC_ASSERT(change.streams.empty() && !change.templates);
  }));
}

TEST(RegistryReload, OnePlanAfterAnotherIsAsIfItHadBeenTheFirst) {
  EXPECT_TRUE(rc::check([] {
    const auto plans = *rc::gen::container<std::vector<StreamPlan>>(3, any_plan());
    const Seen changed = seen_after(plans);
    const Seen begun = seen_after({plans.back()});
    RC_ASSERT(changed.streams == begun.streams);
    RC_ASSERT(changed.pulling == begun.pulling);
  }));
}

}  // namespace
}  // namespace sluice::stream
