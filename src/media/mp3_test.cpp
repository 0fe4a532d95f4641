#include "media/mp3.hpp"

#include <gtest/gtest.h>

#include "core/hex.hpp"
#include "media/errc.hpp"

namespace sluice::media::mp3 {
namespace {

struct Case {
  const char* header;
  unsigned layer;
  std::uint32_t bitrate, sample_rate;
  unsigned channels, samples;
  std::size_t size;
};

// Headers and sizes of frames that LAME and ffmpeg's layer II encoder wrote, and of layer I by the standard.
constexpr Case kCases[] = {
    {"fffb50c4", 3, 64'000, 44'100, 1, 1152, 208}, {"fffb52c4", 3, 64'000, 44'100, 1, 1152, 209},  // padding
    {"fffb5464", 3, 64'000, 48'000, 2, 1152, 192}, {"fff380c4", 3, 64'000, 22'050, 1, 576, 208},
    {"ffe38864", 3, 64'000, 8'000, 2, 576, 576},   {"fffda4c4", 2, 192'000, 48'000, 1, 1152, 576},
    {"ffffc400", 1, 384'000, 48'000, 2, 384, 384},
};

TEST(Mp3, ReadsTheHeadersOfAllLayersAndVersions) {
  for (const Case& want : kCases) {
    const auto header = parse_header(from_hex(want.header));
    ASSERT_TRUE(header) << want.header;
    EXPECT_EQ(header->layer, want.layer) << want.header;
    EXPECT_EQ(header->bitrate, want.bitrate) << want.header;
    EXPECT_EQ(header->sample_rate, want.sample_rate) << want.header;
    EXPECT_EQ(header->channels, want.channels) << want.header;
    EXPECT_EQ(header->samples_per_frame, want.samples) << want.header;
    EXPECT_EQ(header->frame_size, want.size) << want.header;
  }
}

TEST(Mp3, RefusesReservedValues) {
  EXPECT_EQ(parse_header(from_hex("fffb50")).error(), Errc::truncated);
  for (const auto* text : {"ff1b50c4", "ffeb50c4", "fff950c4", "fffbf0c4", "fffb5cc4", "fffb50c6", "fffb00c4"}) {
    EXPECT_EQ(parse_header(from_hex(text)).error(), Errc::bad_frame_header) << text;
  }
}

TEST(Mp3, DescribesTheTrack) {
  const auto out = details(from_hex("fffb5464"));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->codec_string, "mp4a.40.34");
  EXPECT_EQ(out->profile, "Layer III");
  EXPECT_EQ(out->sample_rate, 48'000u);
  EXPECT_EQ(out->channels, 2u);
  EXPECT_EQ(out->samples_per_frame, 1152u);
  EXPECT_EQ(details(from_hex("fffda4c4"))->codec_string, "mp4a.40.33");
}

TEST(Mp3, KeepsItsConfigWhileOnlyTheBitrateChanges) {
  const Bytes config = from_hex("fffb5464");
  EXPECT_FALSE(updated_config(config, from_hex("fffb9664 00"))) << "128 kbit/s, padding";
  EXPECT_FALSE(updated_config(config, from_hex("00000000"))) << "not a frame";
  EXPECT_EQ(updated_config(config, from_hex("fffb5064 0000")), from_hex("fffb5064")) << "44.1 kHz";
  EXPECT_EQ(updated_config(config, from_hex("fffb54c4")), from_hex("fffb54c4")) << "mono";
  EXPECT_EQ(updated_config({}, from_hex("fffb5464 00")), config) << "the first frame";
}

}  // namespace
}  // namespace sluice::media::mp3
