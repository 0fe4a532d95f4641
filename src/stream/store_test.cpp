#include "stream/store.hpp"

#include <gtest/gtest.h>

#include <set>

#include "format/mp4/fragment.hpp"
#include "stream/test_store.hpp"
#include "stream/timeline.hpp"

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::kArena;
using test::kSecond;
using test::memory_of;
using test::StoreTest;

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
