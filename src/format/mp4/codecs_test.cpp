#include "format/mp4/codecs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "format/mp4/test_tracks.hpp"

namespace sluice::mp4 {
namespace {

Bytes entry_of(const media::Track& track) {
  Bytes bytes;
  ByteWriter out(bytes);
  write_sample_entry(out, track);
  return bytes;
}

TEST(SampleEntry, OfH264HasConfigAndAspectRatio) {
  const auto bytes = entry_of(video_track());
  const auto box = read_box(bytes);
  ASSERT_TRUE(box);
  EXPECT_EQ(box->type, fourcc("avc1"));
  ByteReader fields(box->body.subspan(24));
  EXPECT_EQ(fields.be16(), 720) << "coded, not display size";
  EXPECT_EQ(fields.be16(), 576);
  constexpr std::size_t kFields = 78;
  const auto children = box->body.subspan(kFields);
  EXPECT_TRUE(std::ranges::equal(*find_box(children, fourcc("avcC")), video_track().config.view()));
  EXPECT_TRUE(std::ranges::equal(*find_box(children, fourcc("pasp")), bytes_of({0, 0, 0, 64, 0, 0, 0, 45})));
}

TEST(SampleEntry, IsReadAsItIsWritten) {
  for (const auto& track : {video_track(), aac_track(), mp3_track(), text_track(), id3_track(), klv_track()}) {
    const auto bytes = entry_of(track);
    TrackInfo info;
    ASSERT_TRUE(read_sample_entry(*read_box(bytes), info)) << track.codec->name;
    EXPECT_EQ(info.codec, track.codec);
    EXPECT_EQ(info.sample_rate, track.details.sample_rate);
    EXPECT_EQ(info.channels, track.details.channels);
    if (track.codec->name == "mp3") {
      EXPECT_TRUE(info.config.empty()) << "each frame has it";
    } else if (track.codec->name == "webvtt") {
      EXPECT_EQ(as_text(info.config), "WEBVTT");
    } else {
      EXPECT_TRUE(std::ranges::equal(info.config, track.config.view()));
    }
  }
}

TEST(SampleEntry, OfAHighSampleRateLeavesItToTheConfig) {
  auto track = aac_track();
  track.details.sample_rate = 96'000;
  const auto bytes = entry_of(track);
  TrackInfo info;
  ASSERT_TRUE(read_sample_entry(*read_box(bytes), info));
  EXPECT_EQ(info.sample_rate, 0u);
}

TEST(SampleEntry, OfAnUnknownCodecIsNoError) {
  auto bytes = entry_of(video_track());
  bytes[7] = std::byte{'9'};  // avc9
  TrackInfo info;
  ASSERT_TRUE(read_sample_entry(*read_box(bytes), info));
  EXPECT_EQ(info.codec, nullptr);
  EXPECT_TRUE(info.config.empty());

  bytes = entry_of(aac_track());
  bytes[8 + 28 + 8 + 11] = std::byte{0xdd};  // object type: Vorbis, a private one
  ASSERT_TRUE(read_sample_entry(*read_box(bytes), info));
  EXPECT_EQ(info.codec, nullptr);

  bytes = entry_of(id3_track());
  bytes[bytes.size() - 2] = std::byte{'4'};  // another URI
  ASSERT_TRUE(read_sample_entry(*read_box(bytes), info));
  EXPECT_EQ(info.codec, nullptr);
}

TEST(SampleEntry, OfEventsNamesThemByTheirUri) {
  const auto bytes = entry_of(id3_track());
  constexpr std::string_view kUri = "https://aomedia.org/emsg/ID3";
  Bytes expected;
  ByteWriter out(expected);
  out.be32(8 + 8 + 12 + kUri.size() + 1);
  out.text("urim");
  out.bytes(bytes_of({0, 0, 0, 0, 0, 0, 0, 1}));  // reserved, data_reference_index
  out.be32(12 + kUri.size() + 1);
  out.text("uri ");
  out.be32(0);  // version and flags
  out.text(kUri);
  out.u8(0);
  EXPECT_EQ(bytes, expected);
}

TEST(SampleEntry, RefusesWhatEndsTooEarly) {
  for (const auto& track : {video_track(), aac_track(), mp3_track(), text_track(), id3_track()}) {
    const auto bytes = entry_of(track);
    const auto box = *read_box(bytes);
    // A prefix that ends where a child ends is whole: of avc1 that is the one without pasp.
    const std::size_t required = track.codec->name == "h264" ? box.body.size() - 16 : box.body.size();
    for (std::size_t n = 0; n < required; ++n) {
      TrackInfo info;
      EXPECT_FALSE(read_sample_entry({box.type, box.body.first(n), n + 8}, info)) << track.codec->name << ' ' << n;
    }
  }
}

TEST(Carries, WhatTheTableHas) {
  for (const auto name : {"h264", "aac", "mp3", "webvtt", "id3", "klv"})
    EXPECT_TRUE(carries(*media::find_codec(name))) << name;
  EXPECT_FALSE(carries(media::Codec{.name = "h26x", .content = media::Content::video}));
}

}  // namespace
}  // namespace sluice::mp4
