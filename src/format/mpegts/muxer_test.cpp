#include "format/mpegts/muxer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "format/mpegts/psi.hpp"
#include "format/mpegts/sample_media.hpp"
#include "format/mpegts/sample_stream.hpp"

namespace sluice::mpegts {
namespace {

/// A muxer, what it has written, and what it said of each frame.
struct Fixture {
  explicit Fixture(media::Tracks list, MuxerOptions options = {})
      : tracks(std::move(list)), muxer(tracks, std::move(options)) {}

  bool frame(const media::Frame& frame) {
    ByteWriter w(out);
    return muxer.frame(w, frame);
  }

  media::Tracks tracks;
  Muxer muxer;
  Bytes out;
};

/// The PMTs in a stream.
std::vector<Pmt> pmts(BytesView stream, std::uint16_t pid = 0x1000) {
  std::vector<Pmt> out;
  SectionAssembler assembler;
  for (const PacketView& packet : sample::packets(stream)) {
    if (packet.pid != pid) continue;
    assembler.push(*packet.payload, packet.payload_unit_start_indicator,
                   [&](BytesView bytes) { out.push_back(Pmt::parse(Section::parse(bytes).value()).value()); });
  }
  return out;
}

const media::Tracks kAudioVideo = sample::tracks({sample::h264(), sample::aac(48'000, "eng")});

TEST(Muxer, BeginsWithTheTables) {
  Fixture f(kAudioVideo, {.title = "Hockey", .program = 10});
  EXPECT_TRUE(f.frame(sample::frame(0, 0, sample::picture(true, 100))));
  const auto packets = sample::packets(f.out);
  ASSERT_EQ(packets.size(), 4u);
  EXPECT_EQ(packets[0].pid, 0);
  EXPECT_EQ(packets[1].pid, 0x1000);
  EXPECT_EQ(packets[2].pid, 0x11);
  EXPECT_EQ(packets[3].pid, 0x101);
  EXPECT_TRUE(packets[3].random_access_indicator);
  EXPECT_EQ(packets[3].pcr, 0u);
  EXPECT_EQ(pmts(f.out).front(),
            (Pmt{.program_number = 10, .pcr_pid = 0x101, .streams = {{0x1b, 0x101, 0, ""}, {0x0f, 0x111, 0, "eng"}}}));
}

TEST(Muxer, LetsViewersBeginAtRandomAccessFramesOfTheLeadingTrack) {
  Fixture f(kAudioVideo);
  const auto audio = [](std::int64_t dts) { return sample::frame(1, dts, Payload::own(sample::coded(100))); };
  const auto video = [](std::int64_t dts, bool key) { return sample::frame(0, dts, sample::picture(key, 100), key); };
  EXPECT_FALSE(f.frame(audio(0)));
  EXPECT_TRUE(f.frame(video(0, true)));
  EXPECT_FALSE(f.frame(video(3600, false)));
  EXPECT_TRUE(f.frame(video(7200, true)));
  EXPECT_FALSE(f.frame(video(7200 + 45'000, false)));  // the tables stand there, but a decoder cannot begin
  EXPECT_EQ(pmts(f.out).size(), 4u);

  Fixture radio(sample::tracks({sample::aac()}));
  unsigned places = 0;
  for (int i = 0; i < 469; ++i) {
    if (radio.frame(sample::frame(0, i * 1920, Payload::own(sample::coded(100))))) ++places;
  }
  EXPECT_EQ(places, 25u);  // 10 s, the tables every 400 ms and a bit
}

TEST(Muxer, LeavesOutWhatMpegTsDoesNotCarry) {
  Fixture f(sample::tracks({sample::data("webvtt"), sample::aac(), sample::data("id3")}));
  EXPECT_FALSE(f.frame(sample::frame(0, 0, Payload::own(sample::coded(10)))));      // no row
  EXPECT_FALSE(f.frame(sample::frame(1, 0, {})));                                   // no payload
  EXPECT_FALSE(f.frame(sample::frame(1, 0, Payload::own(Bytes(9000)))));            // too large for ADTS
  EXPECT_FALSE(f.frame(sample::frame(2, 0, Payload::own(sample::coded(65'100)))));  // too large for a PES packet
  EXPECT_FALSE(f.frame(sample::frame(7, 0, Payload::own(sample::coded(10)))));      // no such track
  EXPECT_TRUE(f.out.empty());
  EXPECT_TRUE(f.frame(sample::frame(1, 0, Payload::own(sample::coded(10)))));
  EXPECT_EQ(pmts(f.out).front().streams.size(), 2u);
}

TEST(Muxer, WritesTablesOfNoTracks) {
  Fixture f({});
  ByteWriter w(f.out);
  f.muxer.tables(w);
  EXPECT_EQ(pmts(f.out).front(), (Pmt{.program_number = 1, .pcr_pid = 0x1fff}));
}

TEST(Muxer, KeepsTheClockGoingWhereTheLeadingTrackStaysBehind) {
  Fixture f(kAudioVideo);
  f.frame(sample::frame(0, 0, sample::picture(true, 100)));
  for (int i = 0; i < 100; ++i) f.frame(sample::frame(1, i * 1920, Payload::own(sample::coded(100))));
  f.frame(sample::frame(0, 190'000, sample::picture(true, 100)));
  std::vector<std::int64_t> clock;
  for (const auto& packet : sample::packets(f.out)) {
    if (packet.pcr) clock.push_back(static_cast<std::int64_t>(*packet.pcr));
    if (packet.pcr) EXPECT_EQ(packet.pid, 0x101);
  }
  EXPECT_GE(clock.size(), 35u);
  EXPECT_EQ(clock.back(), 190'000);
  for (std::size_t i = 1; i + 1 < clock.size(); ++i) {
    EXPECT_GT(clock[i], clock[i - 1]);
    EXPECT_LE(clock[i] - clock[i - 1], 2 * 3600);
  }
}

TEST(Muxer, PutsTheClockOnAPidOfItsOwn) {
  Fixture f(kAudioVideo, {.pids = {{"pcr", 500}}});
  for (int i = 0; i < 10; ++i) f.frame(sample::frame(0, i * 3600, sample::picture(i == 0, 100), i == 0));
  unsigned clocks = 0;
  for (const auto& packet : sample::packets(f.out)) {
    EXPECT_EQ(packet.pcr.has_value(), packet.pid == 500);
    if (packet.pcr) ++clocks;
  }
  EXPECT_EQ(clocks, 10u);
  EXPECT_EQ(pmts(f.out).front().pcr_pid, 500);
  EXPECT_EQ(sample::demux(f.out).counters.continuity_errors, 0u);
}

TEST(Muxer, GoesOnWithChangedTracks) {
  Fixture f(kAudioVideo);
  const auto audio = [](std::uint32_t track, std::int64_t dts) {
    return sample::frame(track, dts, Payload::own(sample::coded(100)));
  };
  f.frame(sample::frame(0, 0, sample::picture(true, 100)));
  f.frame(audio(1, 0));
  const std::size_t before = f.out.size();
  f.muxer.change(sample::tracks({sample::h264(sample::kSps640x360), sample::aac(44'100), sample::mp3()}));
  EXPECT_TRUE(f.frame(sample::frame(0, 3600, sample::picture(true, 100))));
  f.frame(audio(1, 3600));
  f.frame(sample::frame(2, 3600, sample::mp3_frame()));
  f.frame(audio(1, 5690));

  const auto tables = pmts(f.out);
  ASSERT_EQ(tables.size(), 2u);
  EXPECT_EQ(tables[1].version, 1);
  EXPECT_EQ(tables[1].streams[0].pid, tables[0].streams[0].pid);
  std::map<std::uint16_t, unsigned> announced;
  for (const auto& packet : sample::packets(BytesView(f.out).subspan(before))) {
    if (packet.discontinuity_indicator) ++announced[packet.pid];
  }
  EXPECT_EQ(announced, (std::map<std::uint16_t, unsigned>{{0x101, 1}, {0x111, 1}, {0x112, 1}}));
  const auto found = sample::demux(f.out);
  EXPECT_EQ(found.counters.continuity_errors, 0u);
  EXPECT_EQ(found.frames.size(), 6u);
  ASSERT_EQ(found.tracks.size(), 3u);
  EXPECT_EQ(found.tracks[0].details.pixel_width, 640u);
  EXPECT_EQ(found.tracks[1].details.sample_rate, 44'100u);
}

RC_GTEST_PROP(Muxer, GivesBackEveryFrame, ()) {
  const auto input = *sample::arbitrary_stream();
  Fixture f(input.tracks);
  std::map<std::uint16_t, std::uint64_t> clock;
  for (const media::Frame& frame : input.frames) {
    const std::size_t at = f.out.size();
    f.frame(frame);
    const auto stamp = static_cast<std::uint64_t>((frame.dts + kDecodeDelay).count()) & 0x1'ffff'ffff;
    for (const PacketView& packet : sample::packets(BytesView(f.out).subspan(at))) {
      if (packet.pcr) RC_ASSERT(((stamp - *packet.pcr) & 0x1'ffff'ffff) <= 90'000u);  // never after the DTS
    }
  }
  const auto step = *rc::gen::inRange<std::size_t>(1, 2000);
  sample::expect_same(input, sample::demux(f.out, step));
}

}  // namespace
}  // namespace sluice::mpegts
