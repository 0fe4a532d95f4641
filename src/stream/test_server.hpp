#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stream/registry.hpp"
#include "stream/test_flow.hpp"
#include "stream/test_media.hpp"

/// A server without protocols: registries on two shards, and those who publish and play.
namespace sluice::stream::test {

/// A stream that takes publishers and sends every frame at once.
inline StreamConfig published(std::string name) {
  return {.name = std::move(name),
          .inputs = {{.scheme = "publish", .url = "publish://"}},
          .segment_duration = std::chrono::milliseconds(1000),
          .merge_window = {.mode = MergeWindow::Mode::none, .length = std::chrono::milliseconds(0)}};
}
/// One that pulls from "test://".
inline StreamConfig pulled(std::string name) {
  StreamConfig config = published(std::move(name));
  config.inputs = {{.scheme = "test", .url = "test://"}};
  return config;
}

/// Looks at everything all the time, and forgets quickly.
inline constexpr Patience kImpatient{.tick = std::chrono::milliseconds(2),
                                     .unused = std::chrono::milliseconds(30),
                                     .without_source = std::chrono::milliseconds(30),
                                     .without_source_playlists = 0,
                                     .first_retry = std::chrono::milliseconds(1),
                                     .longest_retry = std::chrono::milliseconds(1)};
/// Does nothing by time: what happens is what the test does.
inline constexpr Patience kAsleep{.tick = std::chrono::hours(1)};

/// A picture and a sound.
inline const media::Tracks kTracks = tracks({"h264", "aac"});

/// "live/..." takes publishers, "pull/..." pulls.
inline StreamPlan with_templates(Patience patience = {}) {
  StreamPlan plan{.patience = patience};
  plan.templates.push_back({.options = published("publishing"), .prefixes = {"live"}});
  plan.templates.push_back({.options = pulled("pulling"), .prefixes = {"pull"}});
  for (TemplateConfig& made : plan.templates) made.options.clients_timeout = std::chrono::seconds(0);
  return plan;
}

/// A source that sends a second of frames in no time; their arrivals are as far apart as if it had taken its time.
class Source {
 public:
  Source(std::unique_ptr<Feed> to, media::Tracks of)
      : feed(std::move(to)), tracks_(std::move(of)), began_(Shard::current().now()) {
    feed->set_tracks(tracks_);
  }

  /// The frames up to `to`, one batch for each 40 ms; keyframes every second.
  void send_until(Ticks to) {
    while (at_ < to) {
      for (auto& frame : frames(tracks_, at_, at_ + Ticks(3600), 100, 25)) {
        frame.arrival = began_ + std::chrono::duration_cast<SteadyTime::duration>(frame.dts);
        feed->push(std::move(frame));
      }
      feed->flush();
      at_ += Ticks(3600);
    }
  }
  /// Sends nothing up to there.
  void pass_to(Ticks to) { at_ = to; }
  void change_tracks(media::Tracks to) {
    tracks_ = std::move(to);
    feed->set_tracks(tracks_);
  }
  [[nodiscard]] Ticks at() const { return at_; }

  std::unique_ptr<Feed> feed;

 private:
  media::Tracks tracks_;
  SteadyTime began_;
  Ticks at_{};
};

/// How many sources of "test://" are pulled now.
inline std::atomic<int> pulling = 0;

/// The driver of "test://": a picture and a sound, ten seconds of it at once, then nothing for ever; of "test://brief"
/// the end then.
inline Task<void> pull(const InputConfig& input, Feed& feed) {
  struct Count {
    Count() { ++pulling; }
    ~Count() { --pulling; }
  } count;
  const auto of = tracks({"h264", "aac"});
  feed.set_tracks(of);
  const auto began = Shard::current().now();
  for (auto& frame : frames(of, Ticks(0), 10 * kSecond, 100, 25)) {
    frame.arrival = began + std::chrono::duration_cast<SteadyTime::duration>(frame.dts);
    feed.push(std::move(frame));
    feed.flush();
  }
  while (!feed.closed() && input.url != "test://brief") co_await feed.on_closed().wait();
}

class Server {
 public:
  explicit Server(StreamPlan plan, unsigned shard_count = 2) : shards(shard_count), scopes(shard_count) {
    std::signal(SIGPIPE, SIG_IGN);
    plan.drivers = {{.scheme = "test", .pull = pull}};
    const auto shared = std::make_shared<const StreamPlan>(std::move(plan));
    for (auto& shard : shards) registries.push_back(std::make_unique<Registry>(*shard, shared));
    std::vector<Registry*> all;
    for (const auto& registry : registries) all.push_back(registry.get());
    Registry::start(all);
  }
  ~Server() {
    for (TaskScope& scope : scopes) scope.cancel();
  }

  /// Runs `body` on shard 0 until it ends; everything else stops where it is.
  void run(const std::function<Task<void>()>& body) {
    shards[0].post([&] {
      scopes[0].spawn([](Server& server, const std::function<Task<void>()>& b) -> Task<void> {
        co_await b();
        server.shards.stop();
      }(*this, body));
    });
    shards.run();
  }

  /// Starts a task on another shard.
  void spawn_on(unsigned shard, std::function<Task<void>(Registry&)> body) {
    shards[shard].post([this, shard, b = std::move(body)]() mutable {
      scopes[shard].spawn([](std::function<Task<void>(Registry&)> f, Registry& registry) -> Task<void> {
        co_await f(registry);
      }(std::move(b), *registries[shard]));
    });
  }

  Registry& operator[](unsigned shard) { return *registries[shard]; }

  /// A name that begins with `prefix` whose home is that shard.
  [[nodiscard]] std::string name_at(unsigned home, const std::string& prefix = "s") const {
    for (int n = 0;; ++n) {
      auto name = prefix + std::to_string(n);
      if (std::hash<std::string_view>{}(name) % registries.size() == home) return name;
    }
  }
  /// What all shards hold together.
  Task<Registry::Size> size() {
    Registry::Size sum;
    for (unsigned i = 0; i < registries.size(); ++i) {
      const auto one = co_await call_on(shards[i], [&] { return registries[i]->size(); });
      sum.streams += one.streams;
      sum.views += one.views;
      sum.openings += one.openings;
    }
    co_return sum;
  }
  /// Waits until size() is as the test wants it.
  Task<void> until_size(std::function<bool(Registry::Size)> as_wanted, std::string_view what) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!as_wanted(co_await size())) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "waited in vain: " << what;
        co_return;
      }
      co_await sleep_for(std::chrono::milliseconds(1));
    }
  }

  /// A publisher of `tracks` on the shard that asks.
  Task<std::unique_ptr<Source>> publish(std::string name, media::Tracks tracks, std::string password = {}) {
    auto feed = co_await here().publish({.name = name, .password = password, .proto = "rtmp", .ip = "10.0.0.1"});
    EXPECT_TRUE(feed) << feed.error().message();
    co_return std::make_unique<Source>(std::move(*feed), std::move(tracks));
  }
  Task<std::shared_ptr<Media>> media(std::string name) {
    auto found = co_await here().resolve(std::move(name));
    EXPECT_TRUE(found) << found.error().message();
    co_return found ? *found : nullptr;
  }
  /// Lets `viewer` follow, on the shard that asks.
  Task<void> play(std::shared_ptr<Media> media, Viewer& viewer, const FlowForm& form = kText, View view = {}) {
    auto follower = co_await media->follow(form, std::move(view), *viewer.socket, viewer.sent, {}, soon());
    EXPECT_TRUE(follower) << follower.error().message();
    if (follower) viewer.follower = std::move(*follower);
  }

  static SteadyTime soon() { return Shard::current().now() + std::chrono::seconds(10); }
  Registry& here() { return *registries[Shard::current().index()]; }

  Shards shards;
  std::vector<std::unique_ptr<Registry>> registries;
  std::vector<TaskScope> scopes;
};

}  // namespace sluice::stream::test
