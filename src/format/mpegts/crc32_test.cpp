#include "format/mpegts/crc32.hpp"

#include <gtest/gtest.h>

namespace sluice::mpegts {
namespace {

TEST(Crc32, MatchesTheCheckValueOfItsPolynomial) { EXPECT_EQ(crc32(as_bytes("123456789")), 0x0376'e6e7u); }

TEST(Crc32, IsZeroOverWhatEndsWithIt) {
  Bytes bytes;
  ByteWriter w(bytes);
  w.text("section");
  w.be32(crc32(bytes));
  EXPECT_EQ(crc32(bytes), 0u);
}

}  // namespace
}  // namespace sluice::mpegts
