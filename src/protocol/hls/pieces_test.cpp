#include "protocol/hls/pieces.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "format/mpegts/demuxer.hpp"
#include "format/mpegts/options.hpp"
#include "protocol/hls/test_listing.hpp"

namespace sluice::hls {
namespace {

using test::kSecond;
using test::make_run;
using test::SegmentMaker;
using Indexes = std::vector<std::uint32_t>;

TEST(Pieces, TransportStreamHasTheFramesOfTheStore) {
  const auto run = make_run(stream::test::tracks({"aac", "h264"}));
  const auto segment = SegmentMaker(run).make(10);
  const auto made = make_ts(*segment, Indexes{1, 0}, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, *make_ts(*segment, Indexes{1, 0}, {})) << "the same on every node";

  mpegts::Demuxer demuxer;
  demuxer.push(*made);
  demuxer.finish();
  std::vector<std::vector<Ticks>> stamps;
  media::Tracks tracks;
  while (auto event = demuxer.next()) {
    if (auto* found = std::get_if<media::Tracks>(&*event)) {
      tracks = *found;
      stamps.resize(tracks.size());
    } else {
      const auto& frame = std::get<media::Frame>(*event);
      stamps[frame.track].push_back(frame.dts - mpegts::kDecodeDelay);
    }
  }
  ASSERT_EQ(tracks.size(), 2u);
  EXPECT_EQ(tracks[0].codec->name, "h264") << "in the order that was asked for";
  ASSERT_EQ(stamps[0].size(), 50u);
  ASSERT_EQ(stamps[1].size(), segment->tracks[0].frames);
  EXPECT_EQ(stamps[0].front(), segment->dts);
  EXPECT_EQ(stamps[0].back(), segment->dts + 49 * Ticks(3600));
  EXPECT_EQ(stamps[1].front(), segment->tracks[0].dts());
}

TEST(Pieces, TransportStreamIsTheProgramThatIsConfigured) {
  const auto segment = SegmentMaker(make_run(stream::test::tracks({"h264"}))).make(10);
  const auto made = [&](const stream::StreamConfig& config) { return *make_ts(*segment, Indexes{0}, config); };
  const auto says = [](const Bytes& piece, std::string_view text) { return as_text(piece).contains(text); };
  const Bytes configured =
      made({.title = "Kanal 7", .provider = "Studio", .mpegts_pids = {{"pmt", 0x40}, {"v0", 0x50}}});
  EXPECT_TRUE(says(configured, "Kanal 7"));
  EXPECT_TRUE(says(configured, "Studio"));
  EXPECT_FALSE(says(made({}), "Kanal 7"));

  const auto pids = [](const Bytes& piece) {
    std::set<unsigned> out;
    for (std::size_t at = 0; at < piece.size(); at += 188) {
      out.insert(std::to_integer<unsigned>(piece[at + 1] & std::byte{0x1f}) << 8 |
                 std::to_integer<unsigned>(piece[at + 2]));
    }
    return out;
  };
  EXPECT_EQ(pids(configured), (std::set<unsigned>{0, 0x11, 0x40, 0x51}));
  EXPECT_EQ(pids(made({})), (std::set<unsigned>{0, 0x101, 0x1000}));
}

TEST(Pieces, WhereAPartIsInTwoPiecesOfMemory) {
  const auto run = make_run(stream::test::tracks({"h264"}));
  const auto whole = SegmentMaker(run).make(10);
  auto wrapped = std::make_shared<stream::Segment>(*whole);
  for (auto& part : wrapped->tracks[0].parts) {
    const Range all = part.ranges[0];
    part.ranges[0].length = 50;  // inside its moof
    part.ranges[1] = {.length = all.length - 50, .memory = all.memory + 50};
  }
  EXPECT_EQ(*make_ts(*wrapped, Indexes{0}, {}), *make_ts(*whole, Indexes{0}, {}));
}

TEST(Pieces, DamagedBytesAreRefused) {
  const auto run = make_run(stream::test::tracks({"h264"}));
  auto segment = SegmentMaker(run).make(10);
  segment->tracks[0].parts[3].ranges[0].length -= 1;
  EXPECT_FALSE(make_ts(*segment, Indexes{0}, {}));
  segment->tracks[0].parts[3].ranges[0] = {.fd = 5, .length = 100};  // on a disk, and nobody mapped it
  EXPECT_FALSE(make_ts(*segment, Indexes{0}, {}));
}

TEST(Pieces, TextIsStampedLikeTheMediaBesideIt) {
  const auto run = make_run(stream::test::tracks({"h264", "webvtt"}));
  const auto segment = SegmentMaker(run).make(10);
  const auto cmaf = make_vtt_for_cmaf(*segment, Indexes{1}, {});
  ASSERT_TRUE(cmaf);
  EXPECT_EQ(as_text(*cmaf),
            "WEBVTT\n"
            "X-TIMESTAMP-MAP=MPEGTS:1800000,LOCAL:00:00:00.000\n"
            "\n00:00:00.000 --> 00:00:01.000\nat 20\n"
            "\n00:00:01.000 --> 00:00:02.000\nat 21\n");
  const auto ts = make_vtt_for_ts(*segment, Indexes{1}, {});
  ASSERT_TRUE(ts);
  EXPECT_NE(as_text(*ts).find("MPEGTS:1863000,"), std::string_view::npos);
}

TEST(Pieces, ASegmentWithoutTextIsAnEmptyFile) {
  const auto run = make_run(stream::test::tracks({"webvtt"}));
  const auto segment = SegmentMaker(run).make(10, 0);
  EXPECT_EQ(as_text(*make_vtt_for_cmaf(*segment, Indexes{0}, {})),
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1800000,LOCAL:00:00:00.000\n");
}

}  // namespace
}  // namespace sluice::hls
