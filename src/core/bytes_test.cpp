#include "core/bytes.hpp"

#include <gtest/gtest.h>

#include "core/bits.hpp"
#include "core/time.hpp"

namespace sluice {
namespace {

TEST(ByteReader, ReadsFieldsAndSticksAtTheEnd) {
  const Bytes in{std::byte{0x01}, std::byte{0x02}, std::byte{0x03}, std::byte{0x04}, std::byte{0x05}};
  ByteReader r(in);
  EXPECT_EQ(r.u8(), 1);
  EXPECT_EQ(r.be16(), 0x0203);
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r.be24(), 0u);
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.u8(), 0) << "sticky: what is left is not read after a short read";
}

TEST(ByteWriter, RoundTrips) {
  Bytes out;
  ByteWriter w(out);
  w.u8(1);
  w.be24(0x020304);
  w.be64(0x0102030405060708);
  w.le32(0x0a0b0c0d);
  w.patch_be32(0, 0xfffefdfc);
  ByteReader r(out);
  EXPECT_EQ(r.be32(), 0xfffefdfcu);
  EXPECT_EQ(r.be64(), 0x0102030405060708u);
  EXPECT_EQ(r.le32(), 0x0a0b0c0du);
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r.left(), 0u);
}

TEST(ByteWriter, ExtendsByBytesToBeFilledInPlace) {
  Bytes out{std::byte{7}};
  const auto to = ByteWriter(out).extend(2);
  ASSERT_EQ(to.size(), 2u);
  to[1] = std::byte{9};
  EXPECT_EQ(out, (Bytes{std::byte{7}, std::byte{0}, std::byte{9}}));
}

TEST(BitReader, ReadsExpGolomb) {
  // 1 | 010 | 011 | 00100 | 1..: ue 0, 1, 2, 3 and se of code 3 is +2
  const Bytes in{std::byte{0b10100110}, std::byte{0b01000010}, std::byte{0b00000000}};
  BitReader r(in);
  EXPECT_EQ(r.ue(), 0u);
  EXPECT_EQ(r.ue(), 1u);
  EXPECT_EQ(r.ue(), 2u);
  EXPECT_EQ(r.ue(), 3u);
  EXPECT_TRUE(r.ok());
  BitReader zeros(BytesView(in).last(1));
  EXPECT_EQ(zeros.ue(), 0u);
  EXPECT_FALSE(zeros.ok());
}

TEST(Time, RescalesAudioSamplesThereAndBackExactly) {
  for (std::int64_t sample = -5000; sample < 5000; ++sample) {
    EXPECT_EQ(to_rate(from_rate(sample, 44'100), 44'100), sample);
    EXPECT_EQ(to_rate(from_rate(sample, 48'000), 48'000), sample);
  }
}

}  // namespace
}  // namespace sluice
