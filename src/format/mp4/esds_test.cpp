#include "format/mp4/esds.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "format/mp4/errc.hpp"
#include "format/mp4/test_tracks.hpp"

namespace sluice::mp4 {
namespace {

TEST(EsDescriptor, OfAacHasItsConfig) {
  Bytes bytes;
  ByteWriter out(bytes);
  const auto config = bytes_of({0x11, 0x90});
  write_es_descriptor(out, {0x40, config});
  EXPECT_EQ(bytes, bytes_of({0,    0,  0,    0,                 // version, flags
                             0x03, 25, 0,    0,    0,           // ES_Descriptor: ES_ID, no options
                             0x04, 17, 0x40, 0x15,              // DecoderConfigDescriptor: AAC, audio stream
                             0,    0,  0,    0,    0, 0, 0, 0,  // bufferSizeDB, maxBitrate
                             0,    0,  0,                       // avgBitrate
                             0x05, 2,  0x11, 0x90,              // DecoderSpecificInfo: AudioSpecificConfig
                             0x06, 1,  0x02}));                 // SLConfigDescriptor: MP4
  const auto read = read_es_descriptor(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->object_type, 0x40);
  EXPECT_TRUE(std::ranges::equal(read->decoder_config, config));
}

TEST(EsDescriptor, SkipsOptionsAndLongLengths) {
  const auto bytes =
      bytes_of({0,    0,    0,    0,                            // version, flags
                0x03, 0x80, 0x80, 0x80, 36,  0,    1,    0xe0,  // all three options
                0,    9,    2,    'u',  'r', 0,    9,           // depends on, URL, OCR
                0x13, 1,    0,                                  // a descriptor nobody knows
                0x04, 0x80, 0x80, 0x80, 18,  0x6b, 0x15, 0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x05, 0x80, 1, 7, 8});
  const auto read = read_es_descriptor(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->object_type, 0x6b);
  EXPECT_TRUE(std::ranges::equal(read->decoder_config, bytes_of({7})));
}

RC_GTEST_PROP(EsDescriptor, ReadsBackConfigsOfAnySize, ()) {
  const Bytes config(*rc::gen::inRange<std::size_t>(0, 40'000), std::byte{7});
  Bytes bytes;
  ByteWriter out(bytes);
  write_es_descriptor(out, {0x40, config});
  const auto read = read_es_descriptor(bytes);
  RC_ASSERT(read.has_value());
  RC_ASSERT(std::ranges::equal(read->decoder_config, config));
}

TEST(EsDescriptor, RefusesEveryPrefix) {
  Bytes bytes;
  ByteWriter out(bytes);
  write_es_descriptor(out, {0x6b, {}});
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_EQ(read_es_descriptor(BytesView(bytes).first(n)).error(), Errc::bad_box) << n;
  }
}

}  // namespace
}  // namespace sluice::mp4
