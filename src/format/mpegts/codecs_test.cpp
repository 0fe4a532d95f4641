#include "format/mpegts/codecs.hpp"

#include <gtest/gtest.h>

#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

TEST(Codecs, AreCarriedWhereThereIsARow) {
  for (const char* name : {"h264", "aac", "mp3", "id3", "klv"}) EXPECT_TRUE(carries(*media::find_codec(name))) << name;
  EXPECT_FALSE(carries(*media::find_codec("webvtt")));
}

TEST(Codecs, EveryRowNamesACodecOfMedia) {
  for (unsigned type = 0; type < 256; ++type) {
    for (const std::uint32_t format : {0u, 0x4944'3320u, 0x4b4c'5641u}) {
      const CodecRow* const row = row_for(static_cast<std::uint8_t>(type), format);
      if (row != nullptr) EXPECT_NE(media::find_codec(row->codec), nullptr) << row->codec;
    }
  }
}

TEST(Codecs, TellMpeg1FromMpeg2Audio) {
  EXPECT_EQ(row_for(sample::mp3())->stream_type, 0x03);
  // MPEG-2 layer 3, 64 kbit/s, 22.05 kHz
  EXPECT_EQ(row_for(sample::track("mp3", sample::bytes({0xff, 0xf3, 0x80, 0x00})))->stream_type, 0x04);
}

TEST(Codecs, NeedTheFormatIdentifierOfPrivateStreams) {
  EXPECT_EQ(row_for(0x06, 0), nullptr);
  EXPECT_EQ(row_for(0x06, 0x4143'2d33), nullptr);  // "AC-3"
  EXPECT_EQ(row_for(0x06, 0x4b4c'5641)->codec, "klv");
  EXPECT_EQ(row_for(0x15, 0x4944'3320)->codec, "id3");
  EXPECT_EQ(row_for(0x1b, 0x4844'4d56)->codec, "h264");  // a registration beside it ("HDMV") changes nothing
}

}  // namespace
}  // namespace sluice::mpegts
