#include "media/aac.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "core/hex.hpp"
#include "media/errc.hpp"

namespace sluice::media::aac {
namespace {

TEST(AacConfig, ReadsLowComplexity) {
  // 00010 0100 0010 000: LC, 44.1 kHz, stereo, 1024 samples
  const auto config = parse_config(from_hex("1210"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->object_type, kLowComplexity);
  EXPECT_EQ(config->sample_rate, 44'100u);
  EXPECT_EQ(config->channels, 2u);
  EXPECT_EQ(config->frame_samples, 1024u);
  EXPECT_FALSE(config->sbr);
  EXPECT_EQ(details(from_hex("1210"))->codec_string, "mp4a.40.2");
}

TEST(AacConfig, ReadsWhatFfmpegWrites) {
  // 5.1 at 48 kHz, and behind it a sync extension that says: no SBR.
  const auto config = parse_config(from_hex("11b0 56e500"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->channels, 6u);
  EXPECT_EQ(config->sample_rate, 48'000u);
  EXPECT_FALSE(config->sbr);
}

TEST(AacConfig, CountsTheChannelsOfAProgramConfigElement) {
  // channel_configuration 0, the element, its comment "Lavc59.37.100", and the sync extension: layouts quad, 6.1, 7.1.
  EXPECT_EQ(parse_config(from_hex("118004c404002110 0d4c61766335392e33372e313030 56e500"))->channels, 4u);
  EXPECT_EQ(parse_config(from_hex("118004c848002000c440 0d4c61766335392e33372e313030 56e500"))->channels, 7u);
  EXPECT_EQ(parse_config(from_hex("118004c848002008c820 0d4c61766335392e33372e313030 56e500"))->channels, 8u);
}

TEST(AacConfig, ReadsSpectralBandReplicationInAllItsSignalling) {
  // Explicit: 00101 0111 0010 0100 00010 000: SBR over LC, 22.05 to 44.1 kHz.
  // Backward compatible: LC at 22.05 kHz, sync 0x2b7, SBR to 44.1 kHz.
  for (const auto* text : {"2b920800", "139056e5a0"}) {
    const auto out = details(from_hex(text));
    ASSERT_TRUE(out) << text;
    EXPECT_EQ(out->codec_string, "mp4a.40.5");
    EXPECT_EQ(out->profile, "HE-AAC");
    EXPECT_EQ(out->sample_rate, 44'100u);
    EXPECT_EQ(out->samples_per_frame, 2048u);
    EXPECT_EQ(out->channels, 2u);
  }
}

TEST(AacConfig, ReadsParametricStereo) {
  // Mono LC at 22.05 kHz, SBR to 44.1 kHz, second sync 0x548: two channels come out.
  const auto out = details(from_hex("138856e5a54880"));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->codec_string, "mp4a.40.29");
  EXPECT_EQ(out->profile, "HE-AACv2");
  EXPECT_EQ(out->channels, 2u);
}

TEST(AacConfig, ReadsShortFramesAndExplicitRates) {
  EXPECT_EQ(parse_config(from_hex("1214"))->frame_samples, 960u);
  // 00010 1111 <24 bits: 37800> 0001 000: a rate that has no index
  const auto config = parse_config(from_hex("17804 9d4 08"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->sample_rate, 37'800u);
  EXPECT_EQ(config->channels, 1u);
}

TEST(AacConfig, RefusesNonsense) {
  EXPECT_EQ(parse_config({}).error(), Errc::truncated);
  EXPECT_EQ(parse_config(from_hex("12")).error(), Errc::truncated);
  EXPECT_EQ(parse_config(from_hex("0210")).error(), Errc::unsupported_config) << "object type 0";
  EXPECT_EQ(parse_config(from_hex("1690")).error(), Errc::bad_config) << "reserved sampling frequency index";
  EXPECT_EQ(parse_config(from_hex("1240")).error(), Errc::bad_config) << "reserved channel configuration 8";
  EXPECT_EQ(parse_config(from_hex("17 800000 88 00")).error(), Errc::bad_config) << "1 Hz";
}

TEST(AacConfig, RefusesEveryPrefix) {
  for (const auto* text : {"1210", "2b920800", "118004c404002110 0d4c61766335392e33372e313030"}) {
    const Bytes whole = from_hex(text);
    // The last byte of the explicit form is padding.
    const std::size_t needed = whole.size() - (std::string_view(text) == "2b920800" ? 1 : 0);
    for (std::size_t n = 0; n < needed; ++n) EXPECT_FALSE(parse_config(BytesView(whole).first(n))) << text << ' ' << n;
  }
}

RC_GTEST_PROP(AacConfig, RoundTrips, ()) {
  AudioSpecificConfig config;
  config.object_type = *rc::gen::element(1u, 2u, 3u, 4u, 17u, 23u);
  config.sample_rate = *rc::gen::oneOf(rc::gen::element(48'000u, 44'100u, 7'350u), rc::gen::inRange(7'000u, 96'001u));
  config.channel_configuration = *rc::gen::inRange(1u, 8u);
  config.channels = channels_of(config.channel_configuration);
  config.frame_samples = (config.object_type == 23 ? 512 : 1024) * *rc::gen::element(15u, 16u) / 16;
  config.sbr = *rc::gen::arbitrary<bool>();
  config.ps = config.sbr && *rc::gen::arbitrary<bool>();
  if (config.sbr) config.sbr_sample_rate = config.sample_rate * *rc::gen::element(1u, 2u);
  const auto read = parse_config(write_config(config));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == config);
  RC_ASSERT(details(write_config(config)).has_value());
}

}  // namespace
}  // namespace sluice::media::aac
