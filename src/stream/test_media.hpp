#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "core/shard.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

/// Tracks and frames for the tests of this room, and shards to run these on.
namespace sluice::stream::test {

inline constexpr Ticks kSecond{90'000};

inline media::Track track(std::string_view codec, std::string_view language = "") {
  media::Track made{.codec = media::find_codec(codec), .language = std::string(language)};
  switch (made.content()) {
    case media::Content::video:
      made.config = Payload::copy(as_bytes("avcC of some video"));
      made.details = {.width = 640, .height = 360, .fps = 25};
      break;
    case media::Content::audio:
      made.config = Payload::copy(as_bytes("config of some audio"));
      made.details = {.sample_rate = codec == "mp3" ? 44'100u : 48'000u,
                      .channels = 2,
                      .samples_per_frame = codec == "mp3" ? 1152u : 1024u};
      break;
    default: break;
  }
  return made;
}

inline media::Tracks tracks(std::vector<media::Track> list) {
  media::assign_ids(list);
  return list;
}
inline media::Tracks tracks(std::initializer_list<std::string_view> codecs) {
  std::vector<media::Track> list;
  for (const auto codec : codecs) list.push_back(track(codec));
  return tracks(std::move(list));
}

/// Bytes that are not those of another frame.
inline Payload payload(std::uint32_t track, Ticks dts, std::size_t size) {
  Bytes out(size);
  auto seed = static_cast<std::uint32_t>(dts.count()) * 2'654'435'761u + track;
  for (auto& b : out) {
    seed = seed * 1'664'525 + 1'013'904'223;
    b = static_cast<std::byte>(seed >> 24);
  }
  return Payload::own(std::move(out));
}

/// Frame `n` of a track from 0 on: video at 25 frames a second with a keyframe every `gop`, audio on its sample grid,
/// text and data once a second.
inline media::Frame frame(const media::Track& of, std::uint32_t index, std::int64_t n, std::size_t size = 100,
                          std::int64_t gop = 50) {
  media::Frame made{.track = index};
  const auto rate = of.details.sample_rate;
  const auto at = [&](std::int64_t i) {
    if (of.content() == media::Content::video) return Ticks(i * 3600);
    if (of.content() == media::Content::audio) return from_rate(i * of.details.samples_per_frame, rate);
    return i * kSecond;
  };
  made.dts = made.pts = at(n);
  if (of.content() != media::Content::data) made.duration = at(n + 1) - at(n);
  made.payload = payload(index, made.dts, size);
  made.random_access = of.content() != media::Content::video || n % gop == 0;
  return made;
}

/// Frames of all tracks with from <= dts < to, in the order of their stamps.
inline std::vector<media::Frame> frames(const media::Tracks& tracks, Ticks from, Ticks to, std::size_t size = 100,
                                        std::int64_t gop = 50) {
  std::vector<media::Frame> out;
  for (std::uint32_t i = 0; i < tracks.size(); ++i) {
    for (std::int64_t n = 0;; ++n) {
      auto made = frame(tracks[i], i, n, size, gop);
      if (made.dts >= to) break;
      if (made.dts >= from) out.push_back(std::move(made));
    }
  }
  std::ranges::sort(out, {}, [](const media::Frame& f) { return std::pair(f.dts, f.track); });
  return out;
}

/// Runs `body` on the first of `count` shards until it ends.
inline void run_on_shards(unsigned count, const std::function<Task<void>(Shards&)>& body) {
  Shards shards(count);
  TaskScope scope;
  shards[0].post([&] {
    scope.spawn([](Shards& all, const std::function<Task<void>(Shards&)>& run) -> Task<void> {
      co_await run(all);
      all.stop();
    }(shards, body));
  });
  shards.run();
}

/// Waits until `condition` holds; a test that waits for more than ten seconds has failed.
template <class Condition>
Task<void> until(Condition condition, std::string_view what) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "waited in vain: " << what;
      co_return;
    }
    co_await sleep_for(std::chrono::milliseconds(1));
  }
}

/// Memory that the arena costs.
inline std::uint64_t memory_of(const Arena& arena) {
  struct stat st{};
  ::fstat(arena.fd(), &st);
  return static_cast<std::uint64_t>(st.st_blocks) * 512;
}

}  // namespace sluice::stream::test
