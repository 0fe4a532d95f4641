#include "stream/store.hpp"

#include <gtest/gtest.h>

#include <set>

#include "format/mp4/fragment.hpp"
#include "stream/test_media.hpp"
#include "stream/timeline.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kSecond;
using test::memory_of;

constexpr std::size_t kArena = std::size_t{1} << 30;  // regions of 1 MiB

/// A store on a shard of its own, told by hand what a timeline would tell.
class StoreTest : public testing::Test {
 protected:
  void run(const std::function<void()>& body, std::size_t arena = kArena, std::uint32_t segment_count = 3) {
    Shard shard(0, arena);
    shard_ = &shard;
    shard.post([&] {
      clock_.emplace(SteadyTime{}, UtcTime(seconds(1'000'000)));
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
  void targets() { store_->on_targets(seconds(6), Ticks(18'000)); }

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
    store_->on_segment_utc(number, UtcTime(seconds(2'000'000 + number)));
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

/// The frames of a track in a segment, read back from the bytes that a viewer gets.
std::vector<media::Frame> read_back(BytesView bytes, const media::Track& track, std::uint32_t index) {
  std::vector<media::Frame> out;
  const auto rate = track.timescale();
  while (!bytes.empty()) {
    const auto fragment = mp4::read_fragment(bytes);
    EXPECT_TRUE(fragment) << fragment.error().message();
    if (!fragment) break;
    EXPECT_EQ(fragment->track_id, index + 1);
    for (const auto& [sample, decode_time, payload] : fragment->samples) {
      media::Frame frame{.track = index, .payload = Payload::copy(payload), .random_access = sample.sync};
      frame.dts = from_rate(decode_time, rate);
      frame.pts = from_rate(decode_time + sample.composition_offset, rate);
      frame.duration = from_rate(decode_time + sample.duration, rate) - frame.dts;
      out.push_back(std::move(frame));
    }
    bytes = bytes.subspan(fragment->size);
  }
  return out;
}

void expect_equal(const std::vector<media::Frame>& is, const std::vector<media::Frame>& should_be) {
  ASSERT_EQ(is.size(), should_be.size());
  for (std::size_t i = 0; i < is.size(); ++i) {
    EXPECT_EQ(is[i].dts, should_be[i].dts) << i;
    EXPECT_EQ(is[i].pts, should_be[i].pts) << i;
    EXPECT_EQ(is[i].duration, should_be[i].duration) << i;
    EXPECT_EQ(is[i].random_access, should_be[i].random_access) << i;
    EXPECT_TRUE(std::ranges::equal(is[i].payload.view(), should_be[i].payload.view())) << i;
  }
}

TEST_F(StoreTest, GivesBackTheFramesThatWentIn) {
  run([&] {
    begin_run(test::tracks({"h264", "aac", "mp3"}));
    targets();
    store_->on_segment(0, Ticks(0), true);
    store_->on_segment_utc(0, UtcTime(seconds(5)));
    std::vector<std::vector<media::Frame>> frames(3);
    for (auto& frame : test::frames(run_->tracks, Ticks(0), kSecond, 700, 25)) {
      // Two B-frames between each two others.
      if (frame.track == 0) frame.pts += Ticks(frame.dts.count() / 3600 % 3 == 0 ? 3 * 3600 : 0);
      frames[frame.track].push_back(std::move(frame));
    }
    for (std::uint32_t i = 0; i < 3; ++i) {
      for (std::size_t at = 0; at < frames[i].size();) {
        const auto n = std::min<std::size_t>(at % 7 + 1, frames[i].size() - at);
        store_->on_part(0, i, std::span(frames[i]).subspan(at, n), false);
        at += n;
      }
    }
    complete(0);
    const Segment& segment = *listing().segments.at(0);
    for (std::uint32_t i = 0; i < 3; ++i) {
      const Bytes bytes = bytes_of(segment, i);
      EXPECT_EQ(bytes.size(), segment.tracks[i].size);
      EXPECT_EQ(segment.tracks[i].frames, frames[i].size());
      EXPECT_FALSE(segment.tracks[i].dependent);
      expect_equal(read_back(bytes, run_->tracks[i], i), frames[i]);
    }
    EXPECT_EQ(segment.body(std::array{0u, 1u}).ranges.size(), 2u) << "a muxed segment is a range for each track";
    Bytes by_parts;
    for (std::size_t i = 0; i < segment.tracks[0].parts.size(); ++i) {
      const auto part = bytes_of(segment.part_body(0, i));
      by_parts.insert(by_parts.end(), part.begin(), part.end());
    }
    EXPECT_EQ(by_parts, bytes_of(segment, 0)) << "a segment is its parts in a row";
  });
}

TEST_F(StoreTest, StampsEachFragmentWithItsNumberAndItsArrival) {
  run([&] {
    begin_run(test::tracks({"h264"}));
    targets();
    store_->on_segment(0, Ticks(0), true);
    store_->on_segment_utc(0, UtcTime(seconds(5)));
    for (std::int64_t n = 0; n < 3; ++n) {
      auto frame = test::frame(run_->tracks[0], 0, n);
      frame.arrival = SteadyTime(milliseconds(40 * n));
      store_->on_part(0, 0, std::span(&frame, 1), false);
    }
    const Segment& segment = *listing().segments.at(0);
    for (std::uint32_t n = 0; n < 3; ++n) {
      const auto bytes = bytes_of(segment.part_body(0, n));
      const auto fragment = mp4::read_fragment(bytes);
      ASSERT_TRUE(fragment);
      EXPECT_EQ(fragment->sequence_number, n + 1);
      EXPECT_EQ(fragment->utc, clock_->at(SteadyTime(milliseconds(40 * n))));
    }
  });
}

TEST_F(StoreTest, ListsSegmentCount) {
  run([&] {
    begin_run(test::tracks({"h264", "aac"}));
    targets();
    for (std::uint64_t n = 0; n < 3; ++n) segment(n);
    EXPECT_EQ(listed(), (std::vector<std::uint64_t>{0, 1, 2}));
    EXPECT_EQ(listing_->first_listed, 0u);
    for (std::uint64_t n = 3; n < 10; ++n) segment(n);
    EXPECT_EQ(listed(), (std::vector<std::uint64_t>{7, 8, 9}));
    EXPECT_EQ(listing_->target_duration, seconds(6));
    EXPECT_EQ(listing_->part_target, Ticks(18'000));
  });
}

TEST_F(StoreTest, ListsThreeTargetDurationsAtLeast) {
  run([&] {
    store_.emplace(*shard_, *clock_, Store::Options{.segment_count = 2, .target_durations = 3});
    begin_run(test::tracks({"h264", "aac"}));
    store_->on_targets(seconds(2), Ticks(18'000));
    for (std::uint64_t n = 0; n < 20; ++n) {
      segment(n);
      if (n >= 6) EXPECT_GE(store_->listed_duration(), 6 * kSecond) << n;
    }
    EXPECT_EQ(listed(), (std::vector<std::uint64_t>{13, 14, 15, 16, 17, 18, 19})) << "six, and one for shorter tracks";
  });
}

// RFC 8216bis section 6.2.2: for its duration and that of the longest playlist that had it.
TEST_F(StoreTest, KeepsASegmentForAWhileWhenItIsListedNoMore) {
  run([&] {
    begin_run(test::tracks({"h264", "aac"}));
    targets();
    const auto lay = [&](std::uint64_t number) {
      segment(number);
      listing();
    };
    for (std::uint64_t n = 0; n < 20; ++n) lay(n);
    EXPECT_EQ(listed(), (std::vector<std::uint64_t>{17, 18, 19}));
    EXPECT_EQ(listing_->segments.front()->number, 13u) << "removed with 16; 17 to 19 are three segments, 20 its own";
    lay(20);
    EXPECT_EQ(listing_->segments.front()->number, 14u);

    // Twice as long ones make the playlist longer: who saw it may ask for longer.
    for (std::uint64_t n = 21; n < 30; ++n) {
      store_->on_segment(n, static_cast<std::int64_t>(n) * kSecond, false);
      store_->on_segment_utc(n, UtcTime(seconds(3'000'000 + 2 * n)));
      parts(n, static_cast<std::int64_t>(n) * kSecond);
      complete(n, 2 * kSecond);
      listing();
    }
    EXPECT_EQ(listing_->segments.front()->number, 23u) << "removed with 26; 8 s must pass, 6 have";
  });
}

TEST_F(StoreTest, ListsNothingBeforeTargetsAndUtcAreKnown) {
  run([&] {
    begin_run(test::tracks({"h264", "aac"}));
    for (std::uint64_t n = 0; n < 2; ++n) {
      store_->on_segment(n, static_cast<std::int64_t>(n) * kSecond, n == 0);
      parts(n, static_cast<std::int64_t>(n) * kSecond);
    }
    complete(0);
    EXPECT_TRUE(listing().segments.empty());
    EXPECT_EQ(listing_->target_duration, seconds(0));
    targets();
    EXPECT_TRUE(listing().segments.empty()) << "a segment without a time has no name";
    store_->on_segment_utc(0, UtcTime(seconds(5)));
    EXPECT_EQ(listed(), (std::vector<std::uint64_t>{0}));
    EXPECT_TRUE(listing_->segments[0]->complete);
    store_->on_segment_utc(1, UtcTime(seconds(6)));
    EXPECT_EQ(listed(), (std::vector<std::uint64_t>{0, 1}));
    EXPECT_FALSE(listing_->segments[1]->complete);
  });
}

TEST_F(StoreTest, AListingStaysAsItIs) {
  run([&] {
    begin_run(test::tracks({"h264"}));
    targets();
    EXPECT_TRUE(store_->changed());
    const auto first = store_->listing();
    EXPECT_FALSE(store_->changed());
    EXPECT_EQ(store_->listing(), first) << "made once for a change";
    store_->on_segment(0, Ticks(0), true);
    store_->on_segment_utc(0, UtcTime(seconds(5)));
    parts(0, Ticks(0));
    const auto second = store_->listing();
    EXPECT_EQ(second->generation, first->generation + 1);
    const auto parts_then = second->segments.at(0)->tracks[0].parts.size();
    EXPECT_EQ(parts_then, 5u);
    parts(0, kSecond);
    complete(0, 2 * kSecond);
    EXPECT_EQ(second->segments[0]->tracks[0].parts.size(), parts_then);
    EXPECT_FALSE(second->segments[0]->complete);
    EXPECT_EQ(listing().segments.at(0)->tracks[0].parts.size(), 2 * parts_then);
    EXPECT_EQ(listing_->segments[0]->duration, 2 * kSecond);
  });
}

TEST_F(StoreTest, ItsFirstListingFollowsThatOfAFormerLife) {
  run([&] {
    Store next(*shard_, *clock_, {.segment_count = 3, .former_generation = 41});
    EXPECT_TRUE(next.changed());
    EXPECT_EQ(next.listing()->generation, 42u);
    EXPECT_TRUE(next.listing()->segments.empty());
  });
}

TEST_F(StoreTest, ALeaseKeepsTheBytesOfADroppedSegment) {
  run([&] {
    begin_run(test::tracks({"h264", "aac"}));
    targets();
    segment(0);
    auto body = listing().segments.at(0)->body(std::array{0u, 1u});
    const Bytes before = bytes_of(body);
    for (std::uint64_t n = 1; n < 20; ++n) segment(n);
    EXPECT_EQ(listing().segments.front()->number, 16u);
    EXPECT_EQ(bytes_of(body), before);
    const auto held = memory_of(shard_->arena());
    EXPECT_EQ(store_->held_bytes(), held);
    body = {};
    EXPECT_GE(held - memory_of(shard_->arena()), before.size());
    EXPECT_LT(held - memory_of(shard_->arena()), before.size() + 2 * Arena::kPage) << "two tracks, whole pages";
    EXPECT_EQ(store_->held_bytes(), memory_of(shard_->arena()));
  });
}

TEST_F(StoreTest, ALeaseOfAnOldSegmentKeepsNothingElse) {
  run([&] {
    begin_run(test::tracks({"h264"}));
    targets();
    segment(0);
    const auto one = memory_of(shard_->arena());
    const Body old = listing().segments.at(0)->body(std::array{0u});
    for (std::uint64_t n = 1; n < 50; ++n) {
      segment(n);
      listing();
    }
    EXPECT_EQ(memory_of(shard_->arena()), 8 * one) << "three listed, four that were, and the old one";
  });
}

TEST_F(StoreTest, WantsTheOldestBackWhenSlowViewersKeepTooMuch) {
  run([&] {
    begin_run(test::tracks({"h264"}));
    targets();
    std::deque<Body> held;
    const auto wanted = [&] {
      return std::ranges::count_if(held, [](const Body& b) { return b.recall->wanted_back(); });
    };
    const auto hold = [&](std::uint64_t n) {
      segment(n);
      held.push_back(listing().segments.back()->body(std::array{0u}));
    };
    for (std::uint64_t n = 0; n < 10; ++n) hold(n);
    const auto one = store_->held_bytes() / 10;
    const std::uint64_t kept = listing().segments.size() * one;
    EXPECT_EQ(store_->pinned_bytes(), 10 * one - kept);
    EXPECT_EQ(wanted(), 0);
    for (std::uint64_t n = 10; n < 50; ++n) {
      hold(n);
      if (wanted() == 0) continue;
      EXPECT_EQ(wanted(), 1);
      EXPECT_TRUE(held.front().recall->wanted_back()) << "the oldest";
      EXPECT_GE(store_->pinned_bytes(), kept / 2);
      held.front().recall->on_cut();
      held.pop_front();
      ASSERT_LE(store_->pinned_bytes(), kept / 2 + 2 * one)
          << "the newest one is not counted, and was when it was kept";
    }
    EXPECT_GT(store_->cut(), 20u);
    EXPECT_EQ(store_->pinned_bytes(), memory_of(shard_->arena()) - kept);
  });
}

TEST_F(StoreTest, DemandsAQuarterOfTheBitRateFromWhoTakesASegment) {
  run([&] {
    begin_run(test::tracks({"h264"}));
    targets();
    segment(0, 4000);
    const auto& one = *listing().segments.front();
    const auto whole = one.body(std::array{0u});
    EXPECT_EQ(whole.least_rate, (whole.size() + 2) / 4) << "of a second";
    const auto part = one.part_body(0, 0);
    EXPECT_EQ(part.least_rate, (part.size() * 5 + 2) / 4) << "of 200 ms";
  });
}

TEST_F(StoreTest, GoesOnHoweverLongSomebodyHoldsASegment) {
  constexpr std::size_t kSmall = std::size_t{64} << 20;  // regions of 64 KiB: five segments fill one
  run(
      [&] {
        begin_run(test::tracks({"h264"}));
        targets();
        std::vector<std::pair<Body, Bytes>> held;
        for (std::uint64_t n = 0; n < 60; ++n) {
          segment(n, 500);
          if (n % 20 != 0) continue;
          held.emplace_back(listing().segments.back()->body(std::array{0u}), Bytes());
          held.back().second = bytes_of(held.back().first);
        }
        EXPECT_EQ(store_->lost_parts(), 0u);
        EXPECT_EQ(listed(), (std::vector<std::uint64_t>{57, 58, 59}));
        for (const auto& [body, bytes] : held) EXPECT_EQ(bytes_of(body), bytes);
        EXPECT_EQ(memory_of(shard_->arena()), store_->held_bytes());
        held.clear();
        EXPECT_EQ(memory_of(shard_->arena()), store_->held_bytes());
        EXPECT_LE(store_->held_bytes(), 4 * Arena::page_up(25 * 600));
      },
      kSmall);
}

TEST_F(StoreTest, LeavesAPartOutThatHasNoRoomAtAll) {
  run(
      [&] {
        begin_run(test::tracks({"h264"}));
        targets();
        segment(0, 20'000);  // parts of 100 KB in regions of 64
        EXPECT_EQ(store_->lost_parts(), 5u);
        segment(1);
        EXPECT_EQ(listing().segments.at(1)->tracks[0].parts.size(), 5u);
      },
      std::size_t{64} << 20);
}

TEST_F(StoreTest, LeavesOutWhatLiesBeforeTheStreamsTime) {
  run([&] {
    begin_run(test::tracks({"h264", "aac"}));
    targets();
    store_->on_segment(0, Ticks(0), true);
    auto frame = test::frame(run_->tracks[1], 1, 0);
    frame.dts -= Ticks(1920);
    store_->on_part(0, 1, std::span(&frame, 1), false);
    EXPECT_EQ(store_->lost_parts(), 1u);
  });
}

TEST(Store, LeasesEndOnAnyShard) {
  test::run_on_shards(2, [](Shards& shards) -> Task<void> {
    Shard& home = shards[0];
    const WallClock clock(SteadyTime{}, UtcTime(seconds(1)));
    std::optional<Store> store(std::in_place, home, clock, Store::Options{.segment_count = 1});
    auto run = std::make_shared<stream::Run>();
    run->tracks = test::tracks({"h264"});
    store->on_run(run);
    store->on_targets(seconds(6), Ticks(18'000));
    const auto lay = [&](std::uint64_t number) {
      store->on_segment(number, static_cast<std::int64_t>(number) * kSecond, number == 0);
      store->on_segment_utc(number, UtcTime(seconds(number)));
      const auto frame = test::frame(run->tracks[0], 0, static_cast<std::int64_t>(number) * 25, 20'000, 25);
      store->on_part(number, 0, std::span(&frame, 1), false);
      store->on_track_complete(number, 0);
      store->on_segment_complete(number, kSecond);
    };
    lay(0);
    auto first = store->listing()->segments.at(0);
    const auto expected = test::frame(run->tracks[0], 0, 0, 20'000, 25).payload;
    std::atomic<bool> go = false;
    std::atomic<bool> equal = false;
    // The other shard looks at the bytes when the home shard has long dropped them.
    TaskScope there;
    shards[1].post([&, body = first->body(std::array{0u})]() mutable {
      there.spawn([](Body b, std::atomic<bool>& begin, std::atomic<bool>& same, Payload should_be) -> Task<void> {
        co_await test::until([&] { return begin.load(); }, "the home shard");
        const BytesView bytes = b.ranges.at(0).view();
        same = std::ranges::equal(bytes.last(should_be.size()), should_be.view());
        b = {};
      }(std::move(body), go, equal, expected));
    });
    for (std::uint64_t n = 1; n < 10; ++n) lay(n);
    (void)store->listing();
    EXPECT_EQ(first.use_count(), 1);
    first.reset();
    const auto one = Arena::page_up(20'000 + 200);
    EXPECT_EQ(memory_of(home.arena()), 3 * one) << "one listed, one more, one leased";
    go = true;
    co_await test::until([&] { return memory_of(home.arena()) == 2 * one; }, "the lease's pages");
    EXPECT_TRUE(equal);
    store.reset();
    EXPECT_EQ(memory_of(home.arena()), 0u);
    co_await call_on(shards[1], [&] {
      there.cancel();
      return true;
    });
  });
}

TEST_F(StoreTest, NamesAreUniqueAndRise) {
  run(
      [&] {
        begin_run(test::tracks({"h264"}));
        targets();
        // Starts within one second, the same duration, a duration that falls, and a whole second later again.
        const std::array<std::pair<milliseconds, Ticks>, 6> segments{{{milliseconds(0), kSecond},
                                                                      {milliseconds(300), kSecond},
                                                                      {milliseconds(600), kSecond / 2},
                                                                      {milliseconds(999), Ticks(90)},
                                                                      {milliseconds(1000), kSecond / 4},
                                                                      {milliseconds(1001), kSecond / 4}}};
        for (std::uint64_t n = 0; n < segments.size(); ++n) {
          store_->on_segment(n, static_cast<std::int64_t>(n) * kSecond, n == 0);
          store_->on_segment_utc(n, UtcTime(segments[n].first));
          parts(n, static_cast<std::int64_t>(n) * kSecond);
          complete(n, segments[n].second);
        }
        std::vector<std::string> names;
        for (const auto& segment : listing().segments) names.push_back(segment->name());
        EXPECT_EQ(names, (std::vector<std::string>{"1970/01/01/00/00/00-01000", "1970/01/01/00/00/00-01001",
                                                   "1970/01/01/00/00/00-01002", "1970/01/01/00/00/00-01003",
                                                   "1970/01/01/00/00/01-00250", "1970/01/01/00/00/01-00251"}));
        EXPECT_TRUE(std::ranges::is_sorted(names));
      },
      kArena, 6);
}

TEST_F(StoreTest, KeepsTheTracksOfEachRunApart) {
  run([&] {
    begin_run(test::tracks({"h264", "aac"}));
    targets();
    segment(0);
    begin_run(test::tracks({"aac"}));
    store_->on_segment(1, kSecond, true);
    store_->on_segment_utc(1, UtcTime(seconds(9)));
    parts(1, kSecond);
    complete(1);
    const auto& segments = listing().segments;
    ASSERT_EQ(segments.size(), 2u);
    EXPECT_EQ(segments[0]->tracks.size(), 2u);
    EXPECT_EQ(segments[1]->tracks.size(), 1u);
    EXPECT_TRUE(segments[1]->begins_run);
    EXPECT_NE(segments[0]->run, segments[1]->run);
    EXPECT_EQ(listing_->run(), run_);
    const auto audio = read_back(bytes_of(*segments[1], 0), run_->tracks[0], 0);
    ASSERT_FALSE(audio.empty());
    EXPECT_GE(audio.front().dts, kSecond);
    EXPECT_EQ(read_back(bytes_of(*segments[0], 0), segments[0]->run->tracks[0], 0).size(), 25u);
  });
}

TEST_F(StoreTest, LeavesOutWhatMp4HasNoFormFor) {
  run([&] {
    static constexpr media::Codec kUnheardOf{.name = "unheard-of", .content = media::Content::data};
    auto tracks = test::tracks({"h264", "webvtt", "id3"});
    tracks[2].codec = &kUnheardOf;
    begin_run(std::move(tracks));
    targets();
    segment(0);
    const Segment& segment = *listing().segments.at(0);
    EXPECT_EQ(segment.tracks[1].parts.size(), 1u);
    EXPECT_TRUE(segment.tracks[2].parts.empty());
    EXPECT_EQ(store_->lost_parts(), 0u);
  });
}

TEST_F(StoreTest, TellsTheFramesSinceAKeyframe) {
  run([&] {
    begin_run(test::tracks({"h264", "aac"}));
    targets();
    EXPECT_TRUE(store_->frames_since(Ticks(0)).empty());
    for (std::uint64_t n = 0; n < 4; ++n) segment(n);
    store_->on_segment(4, 4 * kSecond, false);
    const auto from = [&](Ticks back) {
      const auto frames = store_->frames_since(back);
      EXPECT_TRUE(std::ranges::is_sorted(frames, {}, &media::Frame::dts));
      EXPECT_EQ(std::ranges::count(frames, 0u, &media::Frame::track) * 3600, (4 * kSecond - frames[0].dts).count());
      EXPECT_TRUE(frames[0].track == 0 && frames[0].random_access);
      EXPECT_TRUE(std::ranges::equal(frames[0].payload.view(), test::payload(0, frames[0].dts, 100).view()));
      return frames[0].dts;
    };
    EXPECT_EQ(from(Ticks(0)), 3 * kSecond) << "the newest keyframe, although a segment is open that has none yet";
    EXPECT_EQ(from(kSecond), 3 * kSecond);
    EXPECT_EQ(from(kSecond + Ticks(1)), 2 * kSecond);
    EXPECT_EQ(from(10 * kSecond), Ticks(0)) << "what there is";
    begin_run(test::tracks({"h264"}));
    EXPECT_TRUE(store_->frames_since(Ticks(0)).empty()) << "frames of another run are no use";
  });
}

TEST_F(StoreTest, FramesSinceBeginBeforeADependentSegment) {
  run([&] {
    begin_run(test::tracks({"h264"}));
    targets();
    segment(0);
    store_->on_segment(1, kSecond, false);
    auto frames = test::frames(run_->tracks, kSecond, 2 * kSecond, 100, 1000);
    store_->on_part(1, 0, frames, false);
    EXPECT_EQ(store_->frames_since(Ticks(0)).size(), 50u);
  });
}

/// A stream of 4 Mbit/s through the timeline, for as long as it takes to drop some segments.
TEST_F(StoreTest, HoldsLittleMoreThanItsListingRule) {
  run(
      [&] {
        Timeline timeline({.segment_duration = milliseconds(4000), .chunk_duration = milliseconds(200)}, *clock_,
                          *store_);
        const auto tracks = test::tracks({"h264", "aac"});
        timeline.begin_run(tracks, false, SteadyTime{});
        std::uint64_t most = 0;
        std::uint64_t rule = 0;
        for (auto& frame : test::frames(tracks, Ticks(0), 60 * kSecond, 100, 50)) {
          // 3.9 Mbit/s of video, keyframes ten times the size of others; 128 kbit/s of audio.
          const bool video = frame.track == 0;
          frame.payload = test::payload(frame.track, frame.dts, !video ? 341 : frame.random_access ? 165'000 : 16'500);
          frame.arrival = SteadyTime(std::chrono::duration_cast<SteadyTime::duration>(frame.dts) + milliseconds(30));
          timeline.push(std::move(frame));
          if (!store_->changed()) continue;
          std::uint64_t shown = 0;
          for (const auto& segment : listing().segments) {
            for (const TrackSegment& track : segment->tracks) shown += track.size;
          }
          const auto held = memory_of(shard_->arena());
          if (held <= most) continue;
          most = held;
          rule = shown;
        }
        ASSERT_EQ(listing().first_listed, 6u);
        EXPECT_GT(rule, 4u * 2'000'000) << "four segments of four seconds";
        EXPECT_LE(static_cast<double>(most), 1.15 * static_cast<double>(rule));
        timeline.flush();
      },
      std::size_t{64} << 30, 4);
}

}  // namespace
}  // namespace sluice::stream
