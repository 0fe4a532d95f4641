#include "format/mpegts/data_stream.hpp"

#include <gtest/gtest.h>

#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

TEST(DataStream, IsThePayloadAsItIs) {
  const auto frame = sample::frame(0, 5, Payload::own(sample::coded(40)));
  ElementaryBytes es;
  data_encoder(sample::data("id3"))->encode(frame, es);
  ASSERT_EQ(es.size(), 40u);
  std::vector<DecodedFrame> out;
  EXPECT_EQ(data_decoder()->decode({.dts = Ticks(5), .pts = Ticks(5), .data = es.pieces()[0]}, out), 0u);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_TRUE(std::ranges::equal(out[0].frame.payload.view(), frame.payload.view()));
  EXPECT_TRUE(out[0].frame.random_access);
}

TEST(DataStream, DropsWhatIsCorruptOrHasNoStamp) {
  const Bytes data = sample::coded(4);
  std::vector<DecodedFrame> out;
  EXPECT_EQ(data_decoder()->decode({.data = data}, out), 1u);
  EXPECT_EQ(data_decoder()->decode({.dts = Ticks(5), .pts = Ticks(5), .corrupt = true, .data = data}, out), 1u);
  EXPECT_EQ(data_decoder()->decode({.dts = Ticks(5), .pts = Ticks(5)}, out), 1u);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace sluice::mpegts
