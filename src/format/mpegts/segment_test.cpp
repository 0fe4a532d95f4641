#include "format/mpegts/segment.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "format/mpegts/sample_media.hpp"
#include "format/mpegts/sample_stream.hpp"

namespace sluice::mpegts {
namespace {

const media::Tracks kAudioVideo = sample::tracks({sample::h264(), sample::aac()});

/// Two seconds: 50 pictures and 94 audio frames, from `begin` on.
std::vector<media::Frame> two_seconds_of_audio(std::int64_t begin) {
  std::vector<media::Frame> frames(94);
  for (int i = 0; i < 94; ++i) {
    frames[i] = sample::frame(1, begin + i * 1920, Payload::own(sample::coded(340)));
  }
  return frames;
}

std::vector<media::Frame> two_seconds(std::int64_t begin) {
  std::vector<media::Frame> frames = two_seconds_of_audio(begin);
  for (int i = 0; i < 50; ++i) {
    frames.push_back(sample::frame(0, begin + i * 3600, sample::picture(i == 0, i == 0 ? 40'000 : 8000), i == 0));
  }
  sample::interleave(frames);
  return frames;
}

TEST(Segment, BeginsWithAnnouncedTablesAndTheClock) {
  const Bytes out = segment(kAudioVideo, two_seconds(180'000), {.title = "Hockey"});
  const auto packets = sample::packets(out);
  EXPECT_EQ(packets[0].pid, 0);
  EXPECT_TRUE(packets[0].discontinuity_indicator);
  EXPECT_EQ(packets[1].pid, 0x1000);
  EXPECT_TRUE(packets[1].discontinuity_indicator);
  EXPECT_EQ(packets[2].pid, 0x11);
  EXPECT_EQ(packets[3].pid, 0x101);
  EXPECT_EQ(packets[3].pcr, 180'000u);
  EXPECT_TRUE(packets[3].random_access_indicator);
  EXPECT_FALSE(packets[3].discontinuity_indicator);
}

TEST(Segment, IsAPureFunction) {
  EXPECT_EQ(segment(kAudioVideo, two_seconds(0)), segment(kAudioVideo, two_seconds(0)));
}

TEST(Segment, CostsLittleMoreThanItsFrames) {
  const auto frames = two_seconds(0);
  std::size_t payload = 0;
  for (const auto& frame : frames) payload += frame.payload.size();
  EXPECT_LT(segment(kAudioVideo, frames).size(), payload * 106 / 100);
}

TEST(Segment, OfNothingIsItsTables) {
  EXPECT_EQ(segment(kAudioVideo, {}).size(), 2 * kPacketSize);
  EXPECT_EQ(segment({}, {}).size(), 2 * kPacketSize);
}

TEST(Segment, ClocksByTheFirstAudioWhereTheVideoIsMissing) {
  const Bytes out = segment(kAudioVideo, two_seconds_of_audio(90'000));
  std::vector<std::int64_t> clock;
  for (const auto& packet : sample::packets(out)) {
    if (packet.pcr) clock.push_back(static_cast<std::int64_t>(*packet.pcr));
  }
  ASSERT_GE(clock.size(), 18u);
  EXPECT_GE(clock[0], 90'000);  // not before the end of the segment that came before
  for (std::size_t i = 1; i < clock.size(); ++i) EXPECT_LE(clock[i] - clock[i - 1], 9000);  // 100 ms
}

TEST(Segment, TellsOtherParametersByTheVersionOfThePmt) {
  const auto version = [](const media::Tracks& tracks) {
    const Bytes out = segment(tracks, {});
    return std::to_integer<int>(out[kPacketSize + 4 + 2 + 1 + 5]) >> 1 & 0x1f;
  };
  EXPECT_EQ(version(kAudioVideo), version(kAudioVideo));
  EXPECT_NE(version(kAudioVideo), version(sample::tracks({sample::h264(sample::kSps640x360), sample::aac()})));
}

RC_GTEST_PROP(Segment, OneBehindTheOtherIsOneStream, ()) {
  const auto input = *sample::arbitrary_stream();
  Bytes all;
  std::map<std::uint16_t, std::uint8_t> counters;
  std::optional<std::uint64_t> clock;
  for (std::size_t i = 0; i < input.gops.size(); ++i) {
    const std::size_t from = input.gops[i];
    const std::size_t to = i + 1 < input.gops.size() ? input.gops[i + 1] : input.frames.size();
    const Bytes piece = segment(input.tracks, std::span(input.frames).subspan(from, to - from));
    std::map<std::uint16_t, bool> seen;
    for (const PacketView& packet : sample::packets(piece)) {
      if (packet.pcr) {
        if (clock) RC_ASSERT(((*packet.pcr - *clock) & 0x1'ffff'ffff) < 1'000'000u);  // it does not go back
        clock = packet.pcr;
      }
      if (!packet.payload || packet.pid < 0x100 || packet.pid == 0x1000) continue;
      if (!std::exchange(seen[packet.pid], true)) RC_ASSERT(packet.continuity_counter == 0);
      counters[packet.pid] = packet.continuity_counter;
    }
    for (const auto& [pid, last] : counters) RC_ASSERT(last == 15);
    ByteWriter(all).bytes(piece);
  }
  sample::expect_same(input, sample::demux(all));
}

}  // namespace
}  // namespace sluice::mpegts
