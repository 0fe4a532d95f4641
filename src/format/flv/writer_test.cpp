#include "format/flv/writer.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>

#include "core/hex.hpp"
#include "format/amf/amf.hpp"
#include "format/flv/file_reader.hpp"
#include "format/flv/frame_reader.hpp"

namespace sluice::flv {
namespace {

using enum Message::Type;

media::Track track(std::string_view codec, std::string_view config) {
  media::Track out{.codec = media::find_codec(codec), .config = Payload::own(from_hex(config))};
  out.details = *out.codec->details(out.config.view());
  return out;
}

media::Track h264() {
  return track("h264", "0142c00cff e1 0017 6742c00cda05067e7c0440000003004000000c83c50aa8 01 0004 68ce0fc8");
}
media::Track aac() { return track("aac", "1210"); }
media::Track mp3(std::string_view header = "fffb5464") { return track("mp3", header); }

Bytes prefix(const media::Track& of, Ticks dts, Ticks pts, bool key) {
  const auto out = frame_prefix(of, {.dts = dts, .pts = pts, .random_access = key});
  return {out.view().begin(), out.view().end()};
}

TEST(FlvWriter, CarriesThreeCodecs) {
  std::string carried;
  for (const auto& codec : media::all_codecs()) carried += carries(codec) ? std::string(codec.name) + " " : "";
  EXPECT_EQ(carried, "h264 aac mp3 ");
}

TEST(FlvWriter, WritesTheFileHeader) {
  Bytes out;
  ByteWriter w(out);
  write_file_header(w, true, true);
  EXPECT_EQ(out, from_hex("464c56 01 05 00000009 00000000"));
}

TEST(FlvWriter, WritesTags) {
  Bytes out;
  ByteWriter w(out);
  write_tag(w, video, 0x0102'0304, {from_hex("17"), from_hex("0100")});
  EXPECT_EQ(out, from_hex("09 000003 020304 01 000000 170100 0000000e"));
}

TEST(FlvWriter, WritesWhatStandsBeforeAPayload) {
  EXPECT_EQ(prefix(h264(), Ticks(0), Ticks(7200), true), from_hex("17 01 000050"));
  EXPECT_EQ(prefix(h264(), Ticks(0), Ticks(0), false), from_hex("27 01 000000"));
  EXPECT_EQ(prefix(aac(), Ticks(0), Ticks(0), true), from_hex("af 01"));
  EXPECT_EQ(prefix(mp3(), Ticks(0), Ticks(0), true), from_hex("2f")) << "48 kHz is called 44 kHz";
  EXPECT_EQ(prefix(mp3("fff380c4"), Ticks(0), Ticks(0), true), from_hex("2a")) << "22 kHz, mono";
}

TEST(FlvWriter, KeepsCompositionTimesInTheirField) {
  EXPECT_EQ(prefix(h264(), Ticks(0), Ticks(90'000'000'000), true), from_hex("17 01 7fffff"));
  // Each stamp is rounded once: 45 ticks are half a millisecond.
  EXPECT_EQ(prefix(h264(), Ticks(30), Ticks(60), true), from_hex("17 01 000001"));
}

TEST(FlvWriter, WritesSequenceHeaders) {
  EXPECT_EQ(sequence_header_body(aac()), from_hex("af 00 1210"));
  EXPECT_EQ(
      sequence_header_body(h264()),
      from_hex("17 00 000000 0142c00cff e1 0017 6742c00cda05067e7c0440000003004000000c83c50aa8 01 0004 68ce0fc8"));
  EXPECT_EQ(sequence_header_body(mp3()), std::nullopt);
}

TEST(FlvWriter, StampsInMillisecondsThatWrap) {
  EXPECT_EQ(timestamp_ms(Ticks(90)), 1u);
  EXPECT_EQ(timestamp_ms(Ticks(44)), 0u);
  EXPECT_EQ(timestamp_ms(Ticks(45)), 1u);
  EXPECT_EQ(timestamp_ms(Ticks(((std::int64_t{1} << 32) + 5) * 90)), 5u);
  EXPECT_EQ(timestamp_ms(Ticks(-90)), 0xffff'ffffu);
}

TEST(FlvWriter, DescribesTheFirstTracksThatFlvCanCarry) {
  auto video_track = h264();
  video_track.bitrate = 2'500'000;
  const media::Tracks tracks{{.codec = media::find_codec("webvtt")}, video_track, aac(), mp3()};
  const Bytes body = metadata_body(tracks);
  ByteReader r(body);
  EXPECT_EQ(amf::read_amf0(r)->string(), "onMetaData");
  const auto metadata = amf::read_amf0(r);
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->find("width")->number(), 320);
  EXPECT_EQ(metadata->find("framerate")->number(), 25);
  EXPECT_EQ(metadata->find("videocodecid")->number(), 7);
  EXPECT_EQ(metadata->find("videodatarate")->number(), 2500);
  EXPECT_EQ(metadata->find("audiocodecid")->number(), 10);
  EXPECT_EQ(metadata->find("audiosamplerate")->number(), 44'100);
  EXPECT_EQ(metadata->find("stereo")->boolean(), true);
  EXPECT_EQ(r.left(), 0u);

  const Bytes nothing = metadata_body({});
  ByteReader n(nothing);
  EXPECT_TRUE(amf::read_amf0(n));
  EXPECT_EQ(amf::read_amf0(n)->find("hasVideo")->boolean(), false);
}

media::Frame any_frame(bool of_video, std::int64_t ms) {
  media::Frame out;
  out.track = of_video ? 0 : 1;
  out.dts = std::chrono::milliseconds(ms);
  out.pts = out.dts + std::chrono::milliseconds(of_video ? *rc::gen::inRange(0, 1000) : 0);
  out.random_access = !of_video || *rc::gen::arbitrary<bool>();
  Bytes data;
  ByteWriter w(data);
  const auto size = *rc::gen::inRange<std::size_t>(1, 300);
  if (of_video) {
    w.be32(size + 2);
    w.u8(out.random_access ? 0x65 : 0x41);  // nal_ref_idc 3 or 2: not disposable
    w.u8(0x88);
  }
  w.zeros(size);
  out.payload = Payload::own(std::move(data));
  return out;
}

TEST(FlvWriter, RoundTripsTracksAndFrames) {
  rc::check([] {
    const media::Tracks tracks{h264(), *rc::gen::arbitrary<bool>() ? aac() : track("aac", "1190")};
    Bytes file;
    ByteWriter w(file);
    write_file_header(w, true, true);
    write_tag(w, script, 0, {metadata_body(tracks)});
    for (const auto& each : tracks) {
      write_tag(w, each.content() == media::Content::video ? video : audio, 0, {*sequence_header_body(each)});
    }
    std::vector<media::Frame> sent;
    auto ms = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 33);
    const auto turns = ms >> 32;
    for (const bool of_video : *rc::gen::arbitrary<std::vector<bool>>()) {
      ms += *rc::gen::inRange(0, 5000);
      sent.push_back(any_frame(of_video, ms));
      const auto& frame = sent.back();
      write_tag(w, of_video ? video : audio, timestamp_ms(frame.dts),
                {frame_prefix(tracks[frame.track], frame).view(), frame.payload.view()});
    }

    FileReader file_reader;
    FrameReader frame_reader;
    media::Tracks read_tracks;
    std::size_t n = 0;
    for (BytesView in = file;;) {
      const auto message = file_reader.next(in);
      RC_ASSERT(message.has_value());
      if (!*message) break;
      const auto out = frame_reader.read(**message, {});
      RC_ASSERT(out.has_value());
      if (out->tracks) read_tracks = *out->tracks;
      if (!out->frame) continue;
      RC_ASSERT(n < sent.size());
      const auto& want = sent[n++];
      const Ticks turn = std::chrono::milliseconds(turns << 32);
      RC_ASSERT(out->frame->track == want.track);
      RC_ASSERT((out->frame->dts + turn).count() == want.dts.count());
      RC_ASSERT((out->frame->pts + turn).count() == want.pts.count());
      RC_ASSERT(out->frame->random_access == want.random_access);
      RC_ASSERT(std::ranges::equal(out->frame->payload.view(), want.payload.view()));
    }
    RC_ASSERT(n == sent.size());
    RC_ASSERT(read_tracks.size() == 2u);
    RC_ASSERT(read_tracks[0].same_parameters(tracks[0]));
    RC_ASSERT(read_tracks[1].same_parameters(tracks[1]));
    RC_ASSERT(frame_reader.complete());
  });
}

}  // namespace
}  // namespace sluice::flv
