#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stream/followers.hpp"
#include "stream/test_flow.hpp"

/// A flow whose followers a test looks at.
namespace sluice::stream::test {

inline constexpr MergeWindow kAtOnce{.mode = MergeWindow::Mode::none, .length = std::chrono::milliseconds(0)};
inline constexpr Prepush kGop{.mode = Prepush::Mode::gop};
inline constexpr Prepush kNoPrepush{.mode = Prepush::Mode::off};

/// A flow and its followers on one shard, fed by hand: keyframes every second.
class Stage {
 public:
  Stage(Prepush prepush, MergeWindow merge_window, const FlowForm& form = kText,
        std::chrono::milliseconds allowance = std::chrono::milliseconds(4000))
      : flow(*Flow::create(
            Shard::current(), form,
            std::make_shared<const StreamConfig>(StreamConfig{.prepush = prepush, .merge_window = merge_window}),
            allowance)),
        followers("s", flow->map(), flow->lease(), merge_window, prepush) {}

  void begin_run(std::initializer_list<std::string_view> codecs) {
    tracks = test::tracks(codecs);
    std::vector<std::uint32_t> all(tracks.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    flow->begin_run(tracks, all);
  }
  void push(std::uint32_t track, std::int64_t n, std::size_t size = 100) {
    auto frame = test::frame(tracks[track], track, n, size, 25);
    frame.arrival = Shard::current().now();
    flow->push(frame);
  }
  /// Hands over what was pushed, as a stream would.
  void flush() {
    if (!flow->dirty()) return;
    const auto update = flow->take_update(Shard::current().now());
    edge = update.edge;
    followers.update(update);
    flow->release_to(update.floor);
  }
  /// A video frame, handed over.
  void video(std::int64_t n, std::size_t size = 100) {
    push(0, n, size);
    flush();
  }
  void join(Viewer& viewer) {
    EXPECT_TRUE(followers.can_begin());
    viewer.follower = followers.add(*viewer.socket, viewer.sent, {});
  }
  /// Lets the followers work until there is nothing they could send.
  static Task<void> work() {
    for (int turn = 0; turn < 4; ++turn) co_await yield();
  }

  std::unique_ptr<Flow> flow;
  Followers followers;
  media::Tracks tracks;
  std::uint64_t edge = 0;
};

/// Runs the body on a shard.
inline void play(const std::function<Task<void>()>& body) {
  std::signal(SIGPIPE, SIG_IGN);
  run_on_shards(1, [&](Shards&) { return body(); });
}

/// The units of a bulk flow, each with its payload checked; "?" where the bytes are none.
inline std::vector<std::string> units_of(std::string_view bytes, std::size_t size) {
  std::vector<std::string> out;
  while (!bytes.empty()) {
    const auto end = bytes.find(';');
    if (end == std::string_view::npos) break;
    const auto name = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    out.emplace_back(name);
    if (name.size() < 3 || (name[1] != 'k' && name[1] != ' ')) continue;
    if (bytes.size() < size) break;
    const Ticks dts(std::stoll(std::string(name.substr(2))));
    const auto expected = payload(static_cast<std::uint32_t>(name[0] - '0'), dts, size);
    if (as_text(expected.view()) != bytes.substr(0, size)) {
      out.emplace_back("?");
      break;
    }
    bytes.remove_prefix(size);
  }
  return out;
}

}  // namespace sluice::stream::test
