#include "format/mpegts/h264_stream.hpp"

#include <gtest/gtest.h>

#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

Bytes encoded(const media::Track& track, const media::Frame& frame) {
  ElementaryBytes es;
  const auto encoder = h264_encoder(track);
  encoder->encode(frame, es);
  Bytes out;
  for (const BytesView piece : es.pieces()) ByteWriter(out).bytes(piece);
  EXPECT_EQ(out.size(), es.size());
  return out;
}

Bytes joined(std::initializer_list<BytesView> parts) {
  Bytes out;
  for (const BytesView part : parts) ByteWriter(out).bytes(part);
  return out;
}

const Bytes kStart = sample::bytes({0, 0, 0, 1});
const Bytes kDelimiter = sample::bytes({0, 0, 0, 1, 9, 0xf0});

/// The slice of a payload of sample::picture().
BytesView slice(const Payload& payload) { return payload.view().subspan(4); }

PesUnit unit(BytesView data) { return {.dts = Ticks(100), .pts = Ticks(300), .data = data}; }

TEST(H264Encoder, OpensRandomAccessPointsWithParameterSets) {
  const auto key = sample::frame(0, 0, sample::picture(true, 20));
  EXPECT_EQ(encoded(sample::h264(), key),
            joined({kDelimiter, kStart, sample::kSps320x240, kStart, sample::kPps, kStart, slice(key.payload)}));
  const auto other = sample::frame(0, 0, sample::picture(false, 20), false);
  EXPECT_EQ(encoded(sample::h264(), other), joined({kDelimiter, kStart, slice(other.payload)}));
}

TEST(H264Encoder, AddsNothingThatThePayloadBrings) {
  const Payload key = sample::picture(true, 20);
  Bytes payload;
  ByteWriter w(payload);
  for (const Bytes& nal : {sample::bytes({9, 0x10}), sample::kSps640x360, sample::kPps}) {
    w.be32(nal.size());
    w.bytes(nal);
  }
  w.bytes(key.view());
  EXPECT_EQ(encoded(sample::h264(), sample::frame(0, 0, Payload::own(payload))),
            joined({kDelimiter, kStart, sample::kSps640x360, kStart, sample::kPps, kStart, slice(key)}));
}

TEST(H264Encoder, MakesNothingOfAnEmptyPayload) {
  EXPECT_TRUE(encoded(sample::h264(), sample::frame(0, 0, {})).empty());
  EXPECT_TRUE(encoded(sample::h264(), sample::frame(0, 0, Payload::own(Bytes(4)))).empty());
}

TEST(H264Decoder, TakesParameterSetsOutAndTellsThemOnce) {
  const Payload key = sample::picture(true, 20), other = sample::picture(false, 30);
  const auto opening = joined({kDelimiter, kStart, sample::kSps320x240, kStart, sample::kPps});
  const auto decoder = h264_decoder();
  std::vector<DecodedFrame> out;
  EXPECT_EQ(decoder->decode(unit(joined({opening, kStart, slice(key)})), out), 0u);
  EXPECT_EQ(decoder->decode(unit(joined({kDelimiter, kStart, slice(other)})), out), 0u);
  EXPECT_EQ(decoder->decode(unit(joined({opening, kStart, slice(key)})), out), 0u);
  ASSERT_EQ(out.size(), 3u);
  EXPECT_TRUE(std::ranges::equal(out[0].frame.payload.view(), key.view()));
  EXPECT_TRUE(std::ranges::equal(out[1].frame.payload.view(), other.view()));
  EXPECT_EQ(out[0].frame.dts, Ticks(100));
  EXPECT_EQ(out[0].frame.pts, Ticks(300));
  EXPECT_TRUE(out[0].frame.random_access);
  EXPECT_FALSE(out[1].frame.random_access);
  ASSERT_TRUE(out[0].config);
  EXPECT_TRUE(std::ranges::equal(*out[0].config, sample::h264().config.view()));
  EXPECT_FALSE(out[1].config);
  EXPECT_FALSE(out[2].config);
}

TEST(H264Decoder, TellsChangedParametersWithTheNextFrame) {
  const auto decoder = h264_decoder();
  std::vector<DecodedFrame> out;
  const auto opening = [](BytesView sps) { return joined({kStart, sps, kStart, sample::kPps}); };
  const auto key = sample::picture(true, 20);
  decoder->decode(unit(joined({opening(sample::kSps320x240), kStart, slice(key)})), out);
  EXPECT_EQ(decoder->decode(unit(opening(sample::kSps640x360)), out), 1u);  // no picture: no frame
  decoder->decode(unit(joined({kStart, slice(key)})), out);
  ASSERT_EQ(out.size(), 2u);
  ASSERT_TRUE(out[1].config);
  EXPECT_TRUE(std::ranges::equal(*out[1].config, sample::h264(sample::kSps640x360).config.view()));
}

TEST(H264Decoder, BelievesTheIndicatorOfIntraPicturesOnly) {
  const auto random_access = [](int slice_header) {
    const Bytes nal = joined({sample::bytes({0x41, slice_header}), sample::coded(20)});
    const Bytes data = joined({kStart, nal});
    PesUnit marked = unit(data);
    marked.random_access_indicator = true;
    std::vector<DecodedFrame> out;
    h264_decoder()->decode(marked, out);
    return out.at(0).frame.random_access;
  };
  EXPECT_TRUE(random_access(0x88));   // I
  EXPECT_FALSE(random_access(0x9a));  // P
}

TEST(H264Decoder, CountsWhatIsNoAccessUnit) {
  std::vector<DecodedFrame> out;
  EXPECT_EQ(h264_decoder()->decode(unit(sample::coded(100)), out), 1u);
  EXPECT_EQ(h264_decoder()->decode(unit({}), out), 1u);
  const Bytes picture = joined({kStart, slice(sample::picture(true, 9))});
  EXPECT_EQ(h264_decoder()->decode({.data = picture}, out), 1u);  // no stamp
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace sluice::mpegts
