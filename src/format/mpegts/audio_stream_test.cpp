#include "format/mpegts/audio_stream.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

Bytes encoded(const Encoder& encoder, const Payload& payload) {
  ElementaryBytes es;
  encoder.encode(sample::frame(0, 0, payload), es);
  Bytes out;
  for (const BytesView piece : es.pieces()) ByteWriter(out).bytes(piece);
  return out;
}

TEST(AacEncoder, WritesAdts) {
  const auto encoder = aac_encoder(sample::aac());
  ASSERT_TRUE(encoder);
  EXPECT_EQ(encoded(*encoder, Payload::own(sample::bytes({0x21, 0x10}))), sample::bytes({
                                                                              0xff,
                                                                              0xf1,  // syncword, MPEG-4, no CRC
                                                                              0x4c,  // LC, 48 kHz
                                                                              0x80,
                                                                              0x01,  // stereo, length 9
                                                                              0x3f,
                                                                              0xfc,  // variable rate, one block
                                                                              0x21,
                                                                              0x10,
                                                                          }));
  EXPECT_TRUE(encoded(*encoder, {}).empty());
  EXPECT_TRUE(encoded(*encoder, Payload::own(Bytes(9000))).empty());  // more than ADTS can say
}

TEST(AacEncoder, IsNotToBeHadWhereAdtsHasNoRoom) {
  const auto config = [](const media::aac::AudioSpecificConfig& asc) {
    media::Track track;
    track.codec = media::find_codec("aac");
    track.config = Payload::own(media::aac::write_config(asc));
    return track;
  };
  EXPECT_FALSE(aac_encoder(config({.sample_rate = 47'000, .channel_configuration = 2})));
  EXPECT_FALSE(aac_encoder({.codec = media::find_codec("aac")}));
}

/// What a decoder makes of a stream that is cut into PES packets at `cuts`; each packet has the stamp of the first
/// frame that begins in it.
template <class NextSize>
std::vector<DecodedFrame> decode(Decoder& decoder, const Bytes& stream, std::vector<std::size_t> cuts,
                                 std::int64_t per_frame, NextSize frame_begins) {
  std::vector<DecodedFrame> out;
  cuts.push_back(stream.size());
  std::size_t from = 0;
  for (const std::size_t to : cuts) {
    const std::size_t index = frame_begins(from);
    PesUnit unit{.data = BytesView(stream).subspan(from, to - from)};
    unit.dts = unit.pts = Ticks(static_cast<std::int64_t>(index) * per_frame);
    EXPECT_EQ(decoder.decode(unit, out), 0u);
    from = to;
  }
  return out;
}

RC_GTEST_PROP(AacDecoder, FindsFramesWhereverPesPacketsAreCut, ()) {
  const auto encoder = aac_encoder(sample::aac(48'000));
  const auto count = *rc::gen::inRange<std::size_t>(1, 20);
  std::vector<Payload> payloads;
  std::vector<std::size_t> begins;
  Bytes stream;
  for (std::size_t i = 0; i < count; ++i) {
    payloads.push_back(
        Payload::own(sample::coded(*rc::gen::inRange<std::size_t>(1, 700), static_cast<std::uint32_t>(i))));
    begins.push_back(stream.size());
    ByteWriter(stream).bytes(encoded(*encoder, payloads.back()));
  }
  auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, stream.size()));
  std::ranges::sort(cuts);
  const auto decoder = aac_decoder();
  const auto found = decode(*decoder, stream, cuts, 1920, [&](std::size_t at) {
    return static_cast<std::size_t>(std::ranges::lower_bound(begins, at) - begins.begin());
  });
  RC_ASSERT(found.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    RC_ASSERT(std::ranges::equal(found[i].frame.payload.view(), payloads[i].view()));
    RC_ASSERT(found[i].frame.dts == Ticks(static_cast<std::int64_t>(i) * 1920));
    RC_ASSERT(found[i].config.has_value() == (i == 0));
  }
  RC_ASSERT(std::ranges::equal(*found[0].config, sample::aac(48'000).config.view()));
}

TEST(AacDecoder, CountsSamplesWithinAPesPacket) {
  const auto encoder = aac_encoder(sample::aac(44'100));
  Bytes stream;
  for (int i = 0; i < 4; ++i) ByteWriter(stream).bytes(encoded(*encoder, Payload::own(sample::coded(50))));
  std::vector<DecodedFrame> out;
  aac_decoder()->decode({.dts = Ticks(1000), .pts = Ticks(1000), .data = stream}, out);
  ASSERT_EQ(out.size(), 4u);
  EXPECT_EQ(out[1].frame.dts, Ticks(1000 + 2090));
  EXPECT_EQ(out[3].frame.dts, Ticks(1000 + 6269));
}

TEST(AacDecoder, FindsSyncAgain) {
  const auto encoder = aac_encoder(sample::aac());
  const Bytes frame = encoded(*encoder, Payload::own(sample::coded(50)));
  Bytes stream = sample::bytes({0xff, 0xf1, 0x4c, 0x80, 0x0f, 0x3f, 0xfc, 1, 2, 3});  // looks like a header
  for (int i = 0; i < 200; ++i) stream.push_back(std::byte{0x55});
  ByteWriter w(stream);
  for (int i = 0; i < 3; ++i) w.bytes(frame);
  const auto decoder = aac_decoder();
  std::vector<DecodedFrame> out;
  decoder->decode({.dts = Ticks(0), .pts = Ticks(0), .data = stream}, out);
  EXPECT_EQ(out.size(), 3u);
  out.clear();
  stream = frame;
  stream.insert(stream.end(), 300, std::byte{0x55});
  for (int i = 0; i < 3; ++i) w.bytes(frame);
  EXPECT_EQ(decoder->decode({.dts = Ticks(0), .pts = Ticks(0), .data = stream}, out), 1u);  // one stretch
  EXPECT_EQ(out.size(), 4u);
}

TEST(AacDecoder, DropsWhatIsCorruptOrHasNoStamp) {
  const auto encoder = aac_encoder(sample::aac());
  const Bytes frame = encoded(*encoder, Payload::own(sample::coded(50)));
  const auto decoder = aac_decoder();
  std::vector<DecodedFrame> out;
  EXPECT_EQ(decoder->decode({.data = frame}, out), 1u);
  EXPECT_EQ(decoder->decode({.dts = Ticks(0), .pts = Ticks(0), .corrupt = true, .data = frame}, out), 1u);
  EXPECT_TRUE(out.empty());
}

TEST(AacDecoder, TellsAChangedConfig) {
  const auto decoder = aac_decoder();
  std::vector<DecodedFrame> out;
  std::int64_t dts = 0;
  for (const std::uint32_t rate : {48'000u, 48'000u, 44'100u}) {
    const Bytes frame = encoded(*aac_encoder(sample::aac(rate)), Payload::own(sample::coded(50)));
    decoder->decode({.dts = Ticks(dts), .pts = Ticks(dts), .data = frame}, out);
    dts += 2000;
  }
  ASSERT_EQ(out.size(), 3u);
  EXPECT_FALSE(out[1].config);
  ASSERT_TRUE(out[2].config);
  EXPECT_TRUE(std::ranges::equal(*out[2].config, sample::aac(44'100).config.view()));
}

TEST(Mp3, ComesBackAsItWas) {
  Bytes stream;
  for (std::uint32_t i = 0; i < 3; ++i) {
    ByteWriter(stream).bytes(encoded(*mp3_encoder(sample::mp3()), sample::mp3_frame(i)));
  }
  std::vector<DecodedFrame> out;
  EXPECT_EQ(mp3_decoder()->decode({.dts = Ticks(90), .pts = Ticks(90), .data = stream}, out), 0u);
  ASSERT_EQ(out.size(), 3u);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(std::ranges::equal(out[i].frame.payload.view(), sample::mp3_frame(i).view()));
    EXPECT_EQ(out[i].frame.dts, Ticks(90 + i * 2160));
  }
  EXPECT_TRUE(std::ranges::equal(*out[0].config, sample::mp3().config.view()));
}

}  // namespace
}  // namespace sluice::mpegts
