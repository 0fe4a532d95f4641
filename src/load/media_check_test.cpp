#include "load/media_check.hpp"

#include <gtest/gtest.h>

#include "format/mp4/fragment.hpp"
#include "format/mpegts/sample_media.hpp"

namespace sluice::load {
namespace {

using m3u8::Duration;
using m3u8::Rule;
using std::chrono::milliseconds;

/// Two samples of `ticks` each.
Bytes fragment(std::int64_t begin, std::uint32_t ticks, std::uint32_t track = 1) {
  const std::vector<mp4::Sample> samples(2, {.duration = ticks, .size = 1});
  Bytes out;
  ByteWriter writer(out);
  mp4::write_fragment_header(writer, {.track_id = track, .sequence_number = 1, .base_decode_time = begin}, samples);
  writer.be16(0);
  return out;
}

class MediaCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto video = mpegts::sample::h264();
    EXPECT_TRUE(rules(check_.init(mp4::write_init(std::array{mp4::InitTrack{.track_id = 1, .track = video}}))).empty());
  }

  static std::vector<Rule> rules(const MediaCheck::Violations& violations) {
    std::vector<Rule> out;
    for (const auto& violation : violations) out.push_back(violation.rule);
    return out;
  }
  std::vector<Rule> part(std::uint64_t msn, milliseconds duration, BytesView bytes) {
    return rules(check_.part(msn, {.uri = "p", .duration = duration}, bytes));
  }
  std::vector<Rule> segment(std::uint64_t msn, milliseconds duration, BytesView bytes, std::size_t parts = 0) {
    return rules(check_.segment(msn, {.duration = duration, .parts = std::vector<m3u8::Part>(parts)}, bytes));
  }

  MediaCheck check_;
};

const std::vector<Rule> kNothing;

TEST_F(MediaCheckTest, MediaGoesOnAndLastsAsLongAsListed) {
  EXPECT_EQ(segment(7, milliseconds(80), fragment(0, 3600)), kNothing);
  EXPECT_EQ(part(8, milliseconds(80), fragment(7200, 3600)), kNothing);
  EXPECT_EQ(part(8, milliseconds(90), fragment(14'400, 3600)), std::vector{Rule::duration_is_media});
}

TEST_F(MediaCheckTest, AHoleIsFound) {
  EXPECT_EQ(segment(7, milliseconds(80), fragment(0, 3600)), kNothing);
  EXPECT_EQ(segment(8, milliseconds(80), fragment(7200 + 18'000, 3600)), std::vector{Rule::media_continuous});
  check_.discontinuity();
  EXPECT_EQ(segment(9, milliseconds(80), fragment(900'000, 3600)), kNothing);
}

TEST_F(MediaCheckTest, AnOverlapIsFoundHoweverSmall) {
  EXPECT_EQ(segment(7, milliseconds(80), fragment(0, 3600)), kNothing);
  EXPECT_EQ(segment(8, milliseconds(80), fragment(7200 - 900, 3600)), std::vector{Rule::media_continuous});
}

TEST_F(MediaCheckTest, APictureThatCameLaterThanPromisedIsNoHole) {
  EXPECT_EQ(segment(7, milliseconds(80), fragment(0, 3600)), kNothing);
  EXPECT_EQ(segment(8, milliseconds(80), fragment(7200 + 3600, 3600)), kNothing);
}

TEST_F(MediaCheckTest, ASegmentIsItsParts) {
  const Bytes one = fragment(0, 3600);
  const Bytes two = fragment(7200, 3600);
  Bytes whole = one;
  whole.insert(whole.end(), two.begin(), two.end());
  EXPECT_EQ(part(7, milliseconds(80), one), kNothing);
  EXPECT_EQ(part(7, milliseconds(80), two), kNothing);
  EXPECT_EQ(segment(7, milliseconds(160), whole, 2), kNothing);

  EXPECT_EQ(part(8, milliseconds(80), fragment(14'400, 3600)), kNothing);
  EXPECT_EQ(segment(8, milliseconds(80), fragment(14'400, 3601), 1), std::vector{Rule::parts_make_segment});
  EXPECT_EQ(part(9, milliseconds(80), fragment(21'600, 3600)), kNothing);
  EXPECT_EQ(segment(9, milliseconds(160), whole, 2), kNothing) << "a part of it was not seen";
}

TEST_F(MediaCheckTest, WhatCannotBeReadIsFound) {
  EXPECT_EQ(segment(7, milliseconds(80), fragment(0, 3600, 2)), std::vector{Rule::media_readable});
  EXPECT_EQ(segment(8, milliseconds(80), BytesView(fragment(0, 3600)).first(60)), std::vector{Rule::media_readable});
  EXPECT_EQ(rules(check_.init(as_bytes("nonsense"))), std::vector{Rule::media_readable});
}

TEST_F(MediaCheckTest, OtherMediaIsLeftToItsParts) {
  EXPECT_TRUE(check_.init({}).empty());
  EXPECT_EQ(segment(7, milliseconds(80), as_bytes("WEBVTT")), kNothing);
}

}  // namespace
}  // namespace sluice::load
