#include "format/mpegts/demuxer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/mpegts/muxer.hpp"
#include "format/mpegts/packet_writer.hpp"
#include "format/mpegts/psi.hpp"
#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

const media::Tracks kAudioVideo = sample::tracks({sample::h264(), sample::aac(48'000, "eng")});

/// `seconds` of one key picture a second, 25 pictures, and audio, muxed.
Bytes stream(const media::Tracks& tracks, int seconds, std::int64_t begin = 0, std::size_t picture = 1000) {
  Bytes out;
  ByteWriter w(out);
  Muxer muxer(tracks, {});
  std::vector<media::Frame> frames;
  for (std::uint32_t t = 0; t < tracks.size(); ++t) {
    const bool video = tracks[t].content() == media::Content::video;
    for (int i = 0; i < seconds * (video ? 25 : 46); ++i) {
      frames.push_back(video ? sample::frame(t, begin + i * 3600, sample::picture(i % 25 == 0, picture), i % 25 == 0)
                             : sample::frame(t, begin + i * 1920, Payload::own(sample::coded(300))));
    }
  }
  sample::interleave(frames);
  for (const auto& frame : frames) muxer.frame(w, frame);
  return out;
}

/// The stream without, or with another, packet at `index`.
Bytes without(Bytes stream, std::size_t index) {
  const auto at = stream.begin() + static_cast<std::ptrdiff_t>(index * kPacketSize);
  stream.erase(at, at + kPacketSize);
  return stream;
}
std::size_t index_of(const Bytes& stream, std::uint16_t pid, unsigned nth) {
  const auto packets = sample::packets(stream);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (packets[i].pid == pid && nth-- == 0) return i;
  }
  ADD_FAILURE() << "no such packet";
  return 0;
}

TEST(Demuxer, TellsTracksBeforeFrames) {
  const auto found = sample::demux(stream(kAudioVideo, 1));
  EXPECT_EQ(found.told, 1u);
  ASSERT_EQ(found.tracks.size(), 2u);
  EXPECT_EQ(found.tracks[0].id, "v1");
  EXPECT_EQ(found.tracks[0].details.pixel_width, 320u);
  EXPECT_EQ(found.tracks[1].id, "a1");
  EXPECT_EQ(found.tracks[1].language, "eng");
  EXPECT_EQ(found.tracks[1].details.sample_rate, 48'000u);
  EXPECT_EQ(found.of(0).size(), 25u);
  EXPECT_EQ(found.of(1).size(), 46u);
}

TEST(Demuxer, YieldsAFrameAsSoonAsItsLastByteIsThere) {
  Demuxer demuxer;
  Muxer muxer(sample::tracks({sample::h264()}), {});
  for (int i = 0; i < 3; ++i) {
    Bytes out;
    ByteWriter w(out);
    muxer.frame(w, sample::frame(0, i * 3600, sample::picture(true, 5000)));
    demuxer.push(out);
    unsigned events = 0;
    while (demuxer.next()) ++events;
    EXPECT_EQ(events, i == 0 ? 2u : 1u);  // tracks before the first
  }
}

TEST(Demuxer, FindsSyncAgainAndCounts) {
  Bytes bytes = sample::coded(1000);
  std::ranges::replace(bytes, kSyncByte, std::byte{1});
  const auto junk = static_cast<std::ptrdiff_t>(bytes.size());
  const Bytes good = stream(kAudioVideo, 1);
  ByteWriter(bytes).bytes(good);
  auto found = sample::demux(bytes, 100);
  EXPECT_EQ(found.frames.size(), 71u);
  EXPECT_EQ(found.counters.skipped_bytes, 1000u);
  EXPECT_EQ(found.counters.resyncs, 0u);  // it had none before

  bytes.insert(bytes.begin() + junk + 50 * 188, 77, std::byte{0x47});
  found = sample::demux(bytes, 1000);
  EXPECT_EQ(found.counters.resyncs, 1u);
  EXPECT_GE(found.frames.size(), 69u);
}

TEST(Demuxer, CountsALostPacketAndMarksWhatItHurt) {
  const Bytes good = stream(kAudioVideo, 1);
  const auto found = sample::demux(without(good, index_of(good, 0x101, 15)));
  EXPECT_EQ(found.counters.continuity_errors, 1u);
  const auto video = found.of(0);
  ASSERT_EQ(video.size(), 25u);
  unsigned corrupt = 0, after_loss = 0;
  for (const auto& frame : video) {
    corrupt += frame.corrupt ? 1 : 0;
    after_loss += frame.after_loss ? 1 : 0;
  }
  EXPECT_EQ(corrupt, 1u);
  EXPECT_EQ(after_loss, 2u);  // the corrupt one and the first whole one behind it
}

TEST(Demuxer, DropsAudioThatLostAPacket) {
  const Bytes good = stream(kAudioVideo, 1);
  const auto found = sample::demux(without(good, index_of(good, 0x111, 5)));
  EXPECT_EQ(found.counters.continuity_errors, 1u);
  EXPECT_EQ(found.of(1).size(), 45u);
  EXPECT_EQ(std::ranges::count(found.frames, true, &media::Frame::after_loss), 1);
}

TEST(Demuxer, PassesOverADuplicate) {
  Bytes bytes = stream(kAudioVideo, 1);
  const auto at = static_cast<std::ptrdiff_t>(index_of(bytes, 0x101, 12) * kPacketSize);
  const Bytes copy(bytes.begin() + at, bytes.begin() + at + static_cast<std::ptrdiff_t>(kPacketSize));
  bytes.insert(bytes.begin() + at, copy.begin(), copy.end());
  const auto found = sample::demux(bytes);
  EXPECT_EQ(found.counters.duplicates, 1u);
  EXPECT_EQ(found.counters.continuity_errors, 0u);
  EXPECT_EQ(found.frames.size(), 71u);
}

TEST(Demuxer, CountsDamagedAndScrambledPackets) {
  Bytes bytes = stream(kAudioVideo, 1);
  const auto at = [&](unsigned nth) { return index_of(bytes, 0x101, nth) * kPacketSize; };
  const std::size_t damaged = at(12), scrambled = at(40), reserved = at(60);
  bytes[damaged + 1] |= std::byte{0x80};
  bytes[scrambled + 3] |= std::byte{0x80};
  bytes[reserved + 3] &= std::byte{0x0f};
  const auto found = sample::demux(bytes);
  EXPECT_EQ(found.counters.bad_packets, 3u);
  EXPECT_EQ(found.counters.continuity_errors, 3u);
}

TEST(Demuxer, LivesWithoutDamagedTables) {
  Bytes bytes = stream(kAudioVideo, 2);
  for (const std::uint16_t pid : {std::uint16_t{0}, std::uint16_t{0x1000}}) {
    bytes[index_of(bytes, pid, 1) * kPacketSize + 20] ^= std::byte{1};
  }
  const auto found = sample::demux(bytes);
  EXPECT_EQ(found.counters.bad_sections, 2u);
  EXPECT_EQ(found.frames.size(), 142u);
}

TEST(Demuxer, WaitsForSilentTracksOnlySoLong) {
  // The PMT names audio, and none comes.
  Bytes out;
  ByteWriter w(out);
  Muxer muxer(kAudioVideo, {});
  for (int i = 0; i < 100; ++i) {
    muxer.frame(w, sample::frame(0, i * 3600, sample::picture(i % 25 == 0, 1000), i % 25 == 0));
  }
  const std::size_t four_seconds = out.size();
  muxer.frame(w, sample::frame(1, 360'000, Payload::own(sample::coded(300))));
  Demuxer demuxer;
  demuxer.push(BytesView(out).first(four_seconds));
  auto event = demuxer.next();
  ASSERT_TRUE(event && std::holds_alternative<media::Tracks>(*event));
  EXPECT_EQ(std::get<media::Tracks>(*event).size(), 1u);
  const auto found = sample::demux(out);
  EXPECT_EQ(found.told, 2u);
  EXPECT_EQ(found.tracks.size(), 2u);
  EXPECT_EQ(found.frames.size(), 101u);
}

TEST(Demuxer, TakesUpAndDropsTracksWithThePmt) {
  Bytes out;
  ByteWriter w(out);
  Muxer muxer(sample::tracks({sample::h264()}), {});
  const auto video = [&](int i) { muxer.frame(w, sample::frame(0, i * 3600, sample::picture(true, 1000))); };
  video(0);
  muxer.change(kAudioVideo);
  video(1);
  muxer.frame(w, sample::frame(1, 3600, Payload::own(sample::coded(300))));
  video(2);
  muxer.change(sample::tracks({sample::h264()}));
  video(3);
  Demuxer demuxer;
  demuxer.push(out);
  demuxer.finish();
  std::vector<std::size_t> shape;  // tracks as 10 + their number, frames as their track
  while (auto event = demuxer.next()) {
    if (const auto* const tracks = std::get_if<media::Tracks>(&*event)) {
      shape.push_back(10 + tracks->size());
    } else {
      shape.push_back(std::get<media::Frame>(*event).track);
    }
  }
  EXPECT_EQ(shape, (std::vector<std::size_t>{11, 0, 0, 12, 1, 0, 11, 0}));
  EXPECT_EQ(demuxer.counters().continuity_errors, 0u);
}

TEST(Demuxer, FollowsAProgramToAnotherPmtPid) {
  Bytes out = stream(kAudioVideo, 1);
  Muxer other(kAudioVideo, {.pids = {{"pmt", 200}, {"v1", 300}}, .program = 7});
  ByteWriter w(out);
  for (int i = 0; i < 25; ++i)
    other.frame(w, sample::frame(0, 90'000 + i * 3600, sample::picture(i == 0, 100), i == 0));
  const auto found = sample::demux(out);
  EXPECT_EQ(std::ranges::count(found.frames, true, &media::Frame::random_access), 46 + 2);
}

TEST(Demuxer, UnwrapsAllTracksOnOneLine) {
  const auto found = sample::demux(stream(kAudioVideo, 2, (std::int64_t{1} << 33) - 90'000 - kDecodeDelay.count()));
  const auto video = found.of(0), audio = found.of(1);
  ASSERT_EQ(video.size(), 50u);
  ASSERT_EQ(audio.size(), 92u);
  EXPECT_EQ(video[0].dts, audio[0].dts);
  EXPECT_EQ(video[49].dts - video[0].dts, Ticks(49 * 3600));
  EXPECT_EQ(audio[91].dts - audio[0].dts, Ticks(91 * 1920));
}

TEST(Demuxer, IgnoresStreamsThatItDoesNotKnow) {
  Bytes out;
  ByteWriter w(out);
  PacketWriter(0).section(w, Pat{.programs = {{1, 0x30}}}.write());
  PacketWriter(0x30).section(w, Pmt{.streams = {{0x24, 0x40}, {0x06, 0x41}}}.write());
  ElementaryBytes es;
  const Bytes data = sample::coded(100);
  es.borrow(data);
  PacketWriter(0x40).pes(w, {.stream_id = 0xe0}, es);
  const auto found = sample::demux(out);
  EXPECT_EQ(found.counters.packets, 3u);
  EXPECT_EQ(found.told, 0u);
}

RC_GTEST_PROP(Demuxer, SurvivesDamageAndFindsTheRest, ()) {
  Bytes bytes = stream(kAudioVideo, 3);
  const auto damage = *rc::gen::inRange(0, 30);
  for (int i = 0; i < damage; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size() / 2);
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (*rc::gen::inRange(0, 3)) {
      case 0: bytes[at] ^= std::byte{*rc::gen::inRange<std::uint8_t>(1, 255)}; break;
      case 1: bytes.erase(place, place + *rc::gen::inRange(1, 400)); break;
      default: bytes.insert(place, *rc::gen::inRange<std::size_t>(1, 400), std::byte{0x47}); break;
    }
  }
  const auto found = sample::demux(bytes, *rc::gen::inRange<std::size_t>(1, 5000));
  RC_ASSERT(found.of(0).size() >= 25u);  // those of the last second, which begins with new parameter sets
  for (const auto& frame : found.frames) RC_ASSERT(frame.pts >= frame.dts);
}

}  // namespace
}  // namespace sluice::mpegts
