#include <gtest/gtest.h>

#include "core/hex.hpp"
#include "media/errc.hpp"
#include "media/h264.hpp"

namespace sluice::media::h264 {
namespace {

// Decoder configuration records as ffmpeg's MP4 writer makes them of x264's parameter sets.
constexpr std::string_view kBaseline =
    "01 42c00c ff e1"                                       // version, profile and level, 4-byte lengths, one SPS
    "0017 6742c00cda05067e7c04400000030040 00000c83c50aa8"  // 320x180
    "01 0004 68ce0fc8";                                     // one PPS
constexpr std::string_view kHigh =
    "01 640028 ff e1"
    "0019 67640028acd9405a044fde1c2000007d20001d4c03e2c5b2c0"  // 1440x1080i, 4:3 pixels
    "01 0004 68fe8fcb"
    "fd f8 f8 00";  // 4:2:0, 8 bit, 8 bit, no SPS extensions

constexpr std::string_view kMainSps = "674d400ceca0a0cfcf8088000003000800000301 9078a14cb0";  // 320x180, id 0
constexpr std::string_view kMainPps = "68ef8fc8";

/// A payload of these NAL units.
Bytes access_unit(std::initializer_list<std::string_view> nals) {
  Bytes out;
  ByteWriter w(out);
  for (const auto text : nals) {
    const Bytes nal = from_hex(text);
    w.be32(nal.size());
    w.bytes(nal);
  }
  return out;
}

TEST(H264Config, ReadsAndWritesTheRecord) {
  for (const auto text : {kBaseline, kHigh}) {
    const Bytes avcc = from_hex(text);
    const auto config = parse_config(avcc);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->length_size, 4u);
    ASSERT_EQ(config->sps.size(), 1u);
    ASSERT_EQ(config->pps.size(), 1u);
    EXPECT_EQ(write_config(*config), avcc);
    EXPECT_EQ(make_config(config->sps, config->pps), avcc) << "of bare parameter sets";
  }
}

TEST(H264Config, RefusesEveryPrefix) {
  const Bytes avcc = from_hex(kBaseline);
  for (std::size_t n = 0; n < avcc.size(); ++n) EXPECT_FALSE(parse_config(BytesView(avcc).first(n))) << n;
}

TEST(H264Config, ReadsHighProfileWithoutItsTail) {
  const Bytes avcc = from_hex(kHigh);
  const auto config = parse_config(BytesView(avcc).first(avcc.size() - 4));
  ASSERT_TRUE(config);
  EXPECT_EQ(write_config(*config), avcc) << "and writes it";
}

TEST(H264Config, RefusesWhatIsNoRecord) {
  Bytes avcc = from_hex(kBaseline);
  avcc[0] = std::byte{2};
  EXPECT_EQ(parse_config(avcc).error(), Errc::bad_config) << "version";
  EXPECT_EQ(parse_config(from_hex("0142c00cff e1 0000 01 0004 68ce0fc8")).error(), Errc::bad_config) << "empty SPS";
  EXPECT_EQ(parse_config(from_hex("0142c00cff e1 0002 68ce 01 0004 68ce0fc8")).error(), Errc::bad_config) << "no SPS";
}

TEST(H264Config, RefusesToWriteARecordWithoutParameterSets) {
  EXPECT_EQ(write_config({}).error(), Errc::bad_config);
  EXPECT_EQ(make_config({}, {}).error(), Errc::bad_config);
}

TEST(H264Details, DescribeTheTrack) {
  const auto baseline = details(from_hex(kBaseline));
  ASSERT_TRUE(baseline);
  EXPECT_EQ(baseline->codec_string, "avc1.42c00c");
  EXPECT_EQ(baseline->profile, "Constrained Baseline");
  EXPECT_EQ(baseline->level, "1.2");
  EXPECT_EQ(baseline->width, 320u);
  EXPECT_EQ(baseline->height, 180u);
  EXPECT_DOUBLE_EQ(baseline->fps, 25);
  EXPECT_TRUE(baseline->progressive);

  const auto high = details(from_hex(kHigh));
  ASSERT_TRUE(high);
  EXPECT_EQ(high->codec_string, "avc1.640028");
  EXPECT_EQ(high->profile, "High");
  EXPECT_EQ(high->level, "4.0");
  EXPECT_EQ(high->pixel_width, 1440u);
  EXPECT_EQ(high->width, 1920u) << "as shown: the pixels are 4:3";
  EXPECT_EQ(high->height, 1080u);
  EXPECT_EQ(high->sar_width, 4u);
  EXPECT_FALSE(high->progressive);
}

TEST(H264Details, NeedAnSps) { EXPECT_EQ(details(from_hex("0142c00cffe000")).error(), Errc::bad_config); }

TEST(H264UpdatedConfig, IsNothingWhileAllStaysTheSame) {
  const Bytes avcc = from_hex(kBaseline);
  EXPECT_FALSE(updated_config(avcc, access_unit({"0910", "6588840a"})));
  EXPECT_FALSE(
      updated_config(avcc, access_unit({"6742c00cda05067e7c0440000003004000000c83c50aa8", "68ce0fc8", "6588"})))
      << "encoders repeat their parameter sets before each IDR picture";
  EXPECT_FALSE(updated_config(avcc, {}));
}

TEST(H264UpdatedConfig, TakesOverSetsOfTheSameId) {
  const auto updated = updated_config(from_hex(kHigh), access_unit({kMainSps, kMainPps, "6588840a"}));
  ASSERT_TRUE(updated);
  const auto config = parse_config(*updated);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->sps.size(), 1u);
  EXPECT_EQ(config->pps.size(), 1u);
  EXPECT_EQ(details(*updated)->codec_string, "avc1.4d400c");
  EXPECT_EQ(details(*updated)->width, 320u);
  EXPECT_FALSE(updated_config(*updated, access_unit({kMainSps, kMainPps}))) << "once";
  EXPECT_FALSE(updated_config(*updated, access_unit({kMainSps, "68ce0fc8", kMainPps}))) << "the last of an id counts";
}

TEST(H264UpdatedConfig, KeepsTheSetsThatDidNotCome) {
  const auto updated = updated_config(from_hex(kBaseline), access_unit({"68ce0fc9", "41"}));  // PPS 0 changed
  ASSERT_TRUE(updated);
  EXPECT_EQ(details(*updated)->codec_string, "avc1.42c00c");
  const auto added = updated_config(from_hex(kBaseline), access_unit({"6847 0fc8", "41"}));  // PPS 1 is new
  ASSERT_TRUE(added);
  EXPECT_EQ(parse_config(*added)->pps.size(), 2u);
}

TEST(H264UpdatedConfig, BeginsWithoutARecord) {
  EXPECT_FALSE(updated_config({}, access_unit({kMainSps, "6588"}))) << "no PPS";
  const auto first = updated_config({}, access_unit({kMainSps, kMainPps, "6588"}));
  ASSERT_TRUE(first);
  EXPECT_EQ(details(*first)->codec_string, "avc1.4d400c");
}

TEST(H264UpdatedConfig, IgnoresWhatIsBroken) {
  const Bytes avcc = from_hex(kBaseline);
  EXPECT_FALSE(updated_config(avcc, access_unit({"674d40", "6588"}))) << "SPS too short";
  EXPECT_FALSE(updated_config(avcc, access_unit({"68", "6588"}))) << "PPS without id";
  EXPECT_FALSE(updated_config(from_hex("00"), access_unit({kMainSps, kMainPps}))) << "config unreadable";
}

}  // namespace
}  // namespace sluice::media::h264
