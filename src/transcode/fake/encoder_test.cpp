#include "transcode/fake/encoder.hpp"

#include <gtest/gtest.h>

#include "media/h264.hpp"
#include "transcode/fake/errc.hpp"

namespace sluice::transcode::fake {
namespace {

using namespace std::chrono_literals;

constexpr UtcTime kStart(1'700'000'000s);

TEST(VideoEncoder, SaysItsTrack) {
  const auto encoder = VideoEncoder::open({.width = 640, .height = 360, .fps = {30'000, 1001}});
  ASSERT_TRUE(encoder) << encoder.error().message();
  const auto& details = encoder->track().details;
  EXPECT_EQ(encoder->track().codec, media::find_codec("h264"));
  EXPECT_EQ(details.width, 640U);
  EXPECT_EQ(details.height, 360U);  // not the 368 that are coded
  EXPECT_NEAR(details.fps, 29.97, 0.001);
  EXPECT_EQ(details.codec_string.substr(0, 7), "avc1.4d");  // Main
}

TEST(VideoEncoder, PutsKeyframesAtAFixedDistance) {
  auto encoder = VideoEncoder::open({.fps = {25, 1}, .gop = 0.4});
  ASSERT_TRUE(encoder);
  for (std::int64_t n = 0; n < 35; ++n) {
    const auto frame = encoder->encode(n, kStart + n * 40ms);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->random_access, n % 10 == 0) << n;
    EXPECT_EQ(media::h264::random_access(frame->payload.view()), n % 10 == 0) << n;
    EXPECT_EQ(media::h264::sound_length(frame->payload.view()), frame->payload.size());
    EXPECT_EQ(frame->dts, Ticks(n * 3600));
    EXPECT_EQ(frame->pts, frame->dts);
    EXPECT_EQ(frame->duration, Ticks(3600));
  }
}

TEST(VideoEncoder, KeepsNearItsBitrate) {
  for (const std::int64_t bitrate : {200'000, 500'000, 2'000'000}) {
    auto encoder = VideoEncoder::open({.width = 320, .height = 240, .bitrate = bitrate});
    ASSERT_TRUE(encoder);
    std::size_t bytes = 0;
    for (std::int64_t n = 0; n < 250; ++n) bytes += encoder->encode(n, kStart + n * 40ms)->payload.size();
    const double ratio = static_cast<double>(bytes) * 8 / 10 / static_cast<double>(bitrate);
    EXPECT_GT(ratio, 0.8) << bitrate;
    EXPECT_LT(ratio, 1.1) << bitrate;
  }
}

TEST(VideoEncoder, RefusesAnImpossibleSize) {
  const auto encoder = VideoEncoder::open({.width = 1'000'000, .height = 1'000'000});
  ASSERT_FALSE(encoder);
  EXPECT_EQ(encoder.error(), Errc::bad_parameters);
}

TEST(AudioEncoder, SaysItsTrack) {
  const auto encoder = AudioEncoder::open(64'000);
  ASSERT_TRUE(encoder) << encoder.error().message();
  const auto& details = encoder->track().details;
  EXPECT_EQ(details.sample_rate, 48'000U);
  EXPECT_EQ(details.channels, 2U);
  EXPECT_EQ(details.codec_string, "mp4a.40.2");
}

TEST(AudioEncoder, MakesOneFrameForEachBlockFromTheFirstOn) {
  auto encoder = AudioEncoder::open(64'000);
  ASSERT_TRUE(encoder);
  for (std::int64_t n = 0; n < 100; ++n) {
    const auto frame = encoder->encode(n, kStart);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->dts, Ticks(n * 1920));
    EXPECT_EQ(frame->duration, Ticks(1920));
    EXPECT_FALSE(frame->payload.empty());
  }
}

TEST(AudioEncoder, GoesOnBehindAGap) {
  auto encoder = AudioEncoder::open(64'000);
  ASSERT_TRUE(encoder);
  for (const std::int64_t n : {0, 1, 2, 1000, 1001, 1'000'000'000}) {
    const auto frame = encoder->encode(n, kStart);
    ASSERT_TRUE(frame) << n;
    EXPECT_EQ(frame->dts, Ticks(n * 1920));
  }
}

}  // namespace
}  // namespace sluice::transcode::fake
