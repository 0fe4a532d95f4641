#include "media/adts.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "core/hex.hpp"
#include "media/errc.hpp"

namespace sluice::media::aac {
namespace {

// The first header of an .aac file of ffmpeg: sync, MPEG-4, no CRC; LC, 44.1 kHz, mono; 265 bytes.
constexpr std::string_view kMono = "fff15040 213ffc";

TEST(Adts, ReadsAHeader) {
  const auto header = parse_adts(from_hex(kMono));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->object_type, kLowComplexity);
  EXPECT_EQ(header->sample_rate, 44'100u);
  EXPECT_EQ(header->channel_configuration, 1u);
  EXPECT_EQ(header->header_size, 7u);
  EXPECT_EQ(header->frame_size, 265u);
  EXPECT_EQ(header->raw_data_blocks, 1u);
  EXPECT_EQ(write_config(header->config()), from_hex("1208"));
}

TEST(Adts, CountsTheCrcAsHeader) { EXPECT_EQ(parse_adts(from_hex("fff05040 213ffc"))->header_size, 9u); }

TEST(Adts, RefusesPrefixesAndNonsense) {
  const Bytes whole = from_hex(kMono);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(parse_adts(BytesView(whole).first(n)).error(), Errc::truncated);
  }
  EXPECT_EQ(parse_adts(from_hex("ffe15040213ffc")).error(), Errc::bad_frame_header) << "sync word";
  EXPECT_EQ(parse_adts(from_hex("fff35040213ffc")).error(), Errc::bad_frame_header) << "layer";
  EXPECT_EQ(parse_adts(from_hex("fff17440213ffc")).error(), Errc::bad_frame_header) << "frequency index 13";
  EXPECT_EQ(parse_adts(from_hex("fff1504000dffc")).error(), Errc::bad_frame_header) << "shorter than its header";
}

TEST(Adts, HasNoRoomForWhatItCannotSay) {
  const AudioSpecificConfig lc{.sample_rate = 48'000, .channel_configuration = 2, .channels = 2};
  EXPECT_TRUE(adts_header(lc, kMaxAdtsPayload));
  EXPECT_FALSE(adts_header(lc, kMaxAdtsPayload + 1));
  auto other = lc;
  other.object_type = 23;
  EXPECT_FALSE(adts_header(other, 100)) << "low delay";
  other = lc;
  other.sample_rate = 37'800;
  EXPECT_FALSE(adts_header(other, 100)) << "a rate without index";
  other = lc;
  other.frame_samples = 960;
  EXPECT_FALSE(adts_header(other, 100));
}

RC_GTEST_PROP(Adts, RoundTrips, ()) {
  AudioSpecificConfig config{.object_type = *rc::gen::inRange(1u, 5u),
                             .sample_rate = sampling_frequency(*rc::gen::inRange(0u, 13u)),
                             .channel_configuration = *rc::gen::inRange(1u, 8u)};
  config.channels = channels_of(config.channel_configuration);
  const auto size = *rc::gen::inRange<std::size_t>(0, kMaxAdtsPayload + 1);
  const auto header = adts_header(config, size);
  RC_ASSERT(header.has_value());
  const auto read = parse_adts(*header);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->config() == config);
  RC_ASSERT(read->frame_size == size + kAdtsHeaderSize);
}

}  // namespace
}  // namespace sluice::media::aac
