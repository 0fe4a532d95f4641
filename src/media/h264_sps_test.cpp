#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "core/bits.hpp"
#include "core/hex.hpp"
#include "media/errc.hpp"
#include "media/h264.hpp"
#include "media/h264_rbsp.hpp"

namespace sluice::media::h264 {
namespace {

// Sequence parameter sets as x264 writes them.
constexpr std::string_view kBaseline320x180 = "6742c00c da05067e 7c044000 00030040 00000c83 c50aa8";     // 25 fps
constexpr std::string_view kMain320x180 = "674d400c eca0a0cf cf808800 00030008 00000301 9078a14c b0";    // 25 fps
constexpr std::string_view kHigh1440x1080 = "67640028 acd9405a 044fde1c 2000007d 20001d4c 03e2c5b2 c0";  // 29.97i, 4:3
constexpr std::string_view kHigh1920x1080 = "6764002a acd94078 0227e5c0 44000003 00040000 0301903c 60c658";  // 50 fps
constexpr std::string_view kHigh422 = "677a000d b6cd9414 1fb01100 000303e9 0000bb80 0f142996";  // 10 bit, 23.976 fps
constexpr std::string_view kHigh444 = "67f4000d 919b2828 3f602200 00030002 00000300 641e2853 2c";

TEST(H264Sps, ReadsBaseline) {
  const auto sps = parse_sps(from_hex(kBaseline320x180));
  ASSERT_TRUE(sps);
  EXPECT_EQ(sps->profile_idc, 66);
  EXPECT_EQ(sps->constraint_flags, 0xc0);
  EXPECT_EQ(sps->level_idc, 12);
  EXPECT_EQ(sps->width, 320u);
  EXPECT_EQ(sps->height, 180u) << "192 coded rows, 12 cropped";
  EXPECT_DOUBLE_EQ(sps->fps(), 25);
  EXPECT_TRUE(sps->frame_mbs_only);
  EXPECT_FALSE(sps->may_reorder());
}

TEST(H264Sps, ReadsTheReorderingHintOfMainProfile) {
  const auto sps = parse_sps(from_hex(kMain320x180));
  ASSERT_TRUE(sps);
  EXPECT_EQ(sps->max_num_reorder_frames, 2u);
  EXPECT_TRUE(sps->may_reorder());
  EXPECT_EQ(sps->num_ref_frames, 4u);
}

TEST(H264Sps, ReadsInterlacedVideoOfAnotherAspectRatio) {
  const auto sps = parse_sps(from_hex(kHigh1440x1080));
  ASSERT_TRUE(sps);
  EXPECT_EQ(sps->width, 1440u);
  EXPECT_EQ(sps->height, 1080u);
  EXPECT_EQ(sps->sar_width, 4u);
  EXPECT_EQ(sps->sar_height, 3u);
  EXPECT_FALSE(sps->frame_mbs_only);
  EXPECT_DOUBLE_EQ(sps->fps(), 30'000.0 / 1001);
}

TEST(H264Sps, ReadsChromaFormatsAndScalingMatrices) {
  const auto sd = parse_sps(from_hex(kHigh422));
  ASSERT_TRUE(sd);
  EXPECT_EQ(sd->chroma_format_idc, 2);
  EXPECT_EQ(sd->bit_depth_luma, 10);
  EXPECT_EQ(sd->width, 320u);
  EXPECT_EQ(sd->height, 240u);
  EXPECT_DOUBLE_EQ(sd->fps(), 24'000.0 / 1001);

  const auto full = parse_sps(from_hex(kHigh444));
  ASSERT_TRUE(full);
  EXPECT_EQ(full->chroma_format_idc, 3);
  EXPECT_EQ(full->width, 320u);
  EXPECT_EQ(full->height, 240u);

  const auto hd = parse_sps(from_hex(kHigh1920x1080));
  ASSERT_TRUE(hd);
  EXPECT_EQ(hd->height, 1080u) << "1088 coded rows";
  EXPECT_DOUBLE_EQ(hd->fps(), 50);
}

TEST(H264Sps, RefusesEveryPrefix) {
  for (const auto text : {kBaseline320x180, kMain320x180, kHigh1440x1080, kHigh1920x1080, kHigh422, kHigh444}) {
    const Bytes whole = from_hex(text);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      EXPECT_FALSE(parse_sps(BytesView(whole).first(n))) << text << " cut to " << n;
    }
  }
}

TEST(H264Sps, RefusesOtherNalUnits) { EXPECT_EQ(parse_sps(from_hex("68ebe0612c8b")).error(), Errc::bad_parameter_set); }

/// Writes the smallest SPS of constrained baseline: what a test changes, and nothing else.
struct SmallSps {
  std::uint32_t columns = 20, rows = 15;
  std::uint32_t crop_right = 0;
  unsigned aspect_ratio_idc = 0;
  std::uint32_t sar_width = 0, sar_height = 0;
  std::uint32_t units = 1, time_scale = 50;

  static void ue(BitWriter& w, std::uint64_t value) {
    unsigned bits = 0;
    while ((value + 1) >> (bits + 1) != 0) ++bits;
    w.bits(0, bits);
    w.bits(value + 1, bits + 1);
  }

  [[nodiscard]] Bytes nal() const {
    Bytes out;
    BitWriter w(out);
    w.bits(0x6742c01e, 32);
    for (const unsigned value : {0, 0, 2, 1}) ue(w, value);  // id, log2_max_frame_num, pic_order_cnt_type, refs
    w.flag(false);
    ue(w, columns - 1);
    ue(w, rows - 1);
    w.bits(0b11, 2);  // frame_mbs_only, direct_8x8_inference
    w.flag(crop_right != 0);
    if (crop_right != 0) {
      for (const std::uint32_t value : {0u, crop_right, 0u, 0u}) ue(w, value);
    }
    w.flag(true);  // vui
    w.flag(true);  // aspect_ratio_info
    w.bits(aspect_ratio_idc, 8);
    if (aspect_ratio_idc == 255) w.bits(sar_width << 16 | sar_height, 32);
    w.bits(0, 3);
    w.flag(true);  // timing_info
    w.bits(units, 32);
    w.bits(time_scale, 32);
    w.bits(0b10000, 5);  // fixed_frame_rate; no hrd, no pic_struct, no bitstream_restriction
    w.flag(true);        // rbsp_stop_one_bit
    return escape(out);
  }

  static Bytes escape(BytesView in) {
    Bytes out;
    unsigned zeros = 0;
    for (const std::byte b : in) {
      if (zeros == 2 && b <= std::byte{3}) {
        out.push_back(std::byte{3});
        zeros = 0;
      }
      zeros = b == std::byte{0} ? zeros + 1 : 0;
      out.push_back(b);
    }
    return out;
  }
};

TEST(H264Sps, KnowsTheSampleAspectRatiosOfTheStandard) {
  const auto ratio = [](const SmallSps& sps) {
    const auto read = parse_sps(sps.nal());
    return read ? std::pair(read->sar_width, read->sar_height) : std::pair(0u, 0u);
  };
  EXPECT_EQ(ratio({.aspect_ratio_idc = 0}), std::pair(1u, 1u)) << "unspecified";
  EXPECT_EQ(ratio({.aspect_ratio_idc = 2}), std::pair(12u, 11u));
  EXPECT_EQ(ratio({.aspect_ratio_idc = 16}), std::pair(2u, 1u));
  EXPECT_EQ(ratio({.aspect_ratio_idc = 17}), std::pair(1u, 1u)) << "reserved";
  EXPECT_EQ(ratio({.aspect_ratio_idc = 255, .sar_width = 64, .sar_height = 45}), std::pair(64u, 45u));
  EXPECT_EQ(ratio({.aspect_ratio_idc = 255, .sar_width = 64}), std::pair(1u, 1u)) << "0 is unspecified";
}

TEST(H264Sps, StatesNoFrameRateWhereTheTimingIsNonsense) {
  EXPECT_DOUBLE_EQ(parse_sps(SmallSps{}.nal())->fps(), 25);
  EXPECT_DOUBLE_EQ(parse_sps(SmallSps{.units = 0}.nal())->fps(), 0);
  EXPECT_DOUBLE_EQ(parse_sps(SmallSps{.units = 1, .time_scale = 180'000}.nal())->fps(), 0);
}

TEST(H264Sps, RefusesSizesThatNoLevelAllows) {
  EXPECT_TRUE(parse_sps(SmallSps{.columns = 1055}.nal()));
  EXPECT_FALSE(parse_sps(SmallSps{.columns = 1056}.nal()));
  EXPECT_FALSE(parse_sps(SmallSps{.rows = 0x7fff'ffff}.nal()));
  EXPECT_TRUE(parse_sps(SmallSps{.crop_right = 159}.nal()));
  EXPECT_FALSE(parse_sps(SmallSps{.crop_right = 160}.nal())) << "nothing is left of 320 pixels";
  EXPECT_FALSE(parse_sps(SmallSps{.crop_right = 0x7fff'ffff}.nal()));
}

RC_GTEST_PROP(H264Sps, FindsAnyCodedSize, ()) {
  const auto columns = *rc::gen::inRange(1u, 1056u);
  const auto rows = *rc::gen::inRange(1u, 1056u);
  const auto crop = *rc::gen::inRange(0u, 8u);
  const auto sps = parse_sps(SmallSps{.columns = columns, .rows = rows, .crop_right = crop}.nal());
  RC_ASSERT(sps.has_value());
  RC_ASSERT(sps->width == columns * 16 - crop * 2);
  RC_ASSERT(sps->height == rows * 16);
}

RC_GTEST_PROP(H264Rbsp, UnescapesWhatEncodersEscape, ()) {
  const auto zeros_likely = rc::gen::weightedOneOf<int>({{3, rc::gen::just(0)}, {1, rc::gen::inRange(0, 5)}});
  Bytes raw;
  for (const int b : *rc::gen::container<std::vector<int>>(zeros_likely)) raw.push_back(static_cast<std::byte>(b));
  RC_ASSERT(unescape(SmallSps::escape(raw)) == raw);
}

}  // namespace
}  // namespace sluice::media::h264
