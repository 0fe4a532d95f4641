#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "stream/store.hpp"
#include "stream/test_media.hpp"

namespace sluice::stream::test {

inline constexpr std::size_t kArena = std::size_t{1} << 30;  // regions of 1 MiB

/// A store on a shard of its own, told by hand what a timeline would tell.
class StoreTest : public testing::Test {
 protected:
  void run(const std::function<void()>& body, std::size_t arena = kArena, std::uint32_t segment_count = 3) {
    Shard shard(0, arena);
    shard_ = &shard;
    shard.post([&] {
      clock_.emplace(SteadyTime{}, UtcTime(std::chrono::seconds(1'000'000)));
      store_.emplace(shard, *clock_, Store::Options{.segment_count = segment_count});
      body();
      listing_.reset();
      store_.reset();
      shard.stop();
    });
    shard.run();
    shard.drop_posted();
    EXPECT_EQ(memory_of(shard.arena()), 0u) << "everything goes back";
  }

  void begin_run(media::Tracks tracks) {
    auto made = std::make_shared<stream::Run>();
    made->id = next_run_++;
    made->tracks = std::move(tracks);
    run_ = made;
    store_->on_run(run_);
  }
  void targets() { store_->on_targets(std::chrono::seconds(6), Ticks(18'000)); }

  /// Lays down what the tracks have in the second from `from`, in parts of five frames.
  void parts(std::uint64_t number, Ticks from, std::size_t size = 100) {
    for (std::uint32_t i = 0; i < run_->tracks.size(); ++i) {
      const media::Tracks one{run_->tracks[i]};
      auto frames = test::frames(one, from, from + kSecond, size, 25);
      for (auto& frame : frames) frame.track = i;
      for (std::size_t at = 0; at < frames.size(); at += 5) {
        store_->on_part(number, i, std::span(frames).subspan(at, std::min<std::size_t>(5, frames.size() - at)), false);
      }
    }
  }
  void complete(std::uint64_t number, Ticks duration = kSecond) {
    for (std::uint32_t i = 0; i < run_->tracks.size(); ++i) store_->on_track_complete(number, i);
    store_->on_segment_complete(number, duration);
  }
  /// The whole of segment `number`, the second from `number` seconds on.
  void segment(std::uint64_t number, std::size_t size = 100) {
    const Ticks dts = static_cast<std::int64_t>(number) * kSecond;
    store_->on_segment(number, dts, false);
    store_->on_segment_utc(number, UtcTime(std::chrono::seconds(2'000'000 + number)));
    parts(number, dts, size);
    complete(number);
  }
  const Listing& listing() {
    listing_ = store_->listing();
    return *listing_;
  }
  std::vector<std::uint64_t> listed() {
    std::vector<std::uint64_t> out;
    for (std::size_t i = listing().first_listed; i < listing_->segments.size(); ++i) {
      out.push_back(listing_->segments[i]->number);
    }
    return out;
  }

  static Bytes bytes_of(const Body& body) {
    Bytes out;
    for (const Range& range : body.ranges) out.insert(out.end(), range.view().begin(), range.view().end());
    return out;
  }
  static Bytes bytes_of(const Segment& segment, std::uint32_t track) {
    return bytes_of(segment.body(std::span(&track, 1)));
  }

  Shard* shard_ = nullptr;
  std::optional<WallClock> clock_;
  std::optional<Store> store_;
  std::shared_ptr<const stream::Run> run_;
  std::shared_ptr<const Listing> listing_;
  std::uint64_t next_run_ = 0;
};

}  // namespace sluice::stream::test
