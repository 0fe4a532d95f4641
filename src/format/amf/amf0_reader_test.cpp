#include <gtest/gtest.h>

#include "core/hex.hpp"
#include "format/amf/amf.hpp"

namespace sluice::amf {
namespace {

Result<Value> read(std::string_view hex) {
  const Bytes bytes = from_hex(hex);
  ByteReader r(bytes);
  return read_amf0(r);
}

// "connect", 1, { app: "live", type: "nonprivate", fpad: false }: the first words of an RTMP client.
constexpr std::string_view kConnect =
    "02 0007 636f6e6e656374"
    "00 3ff0000000000000"
    "03 0003 617070 02 0004 6c697665"
    "   0004 74797065 02 000a 6e6f6e70726976617465"
    "   0004 66706164 01 00"
    "   0000 09";

TEST(Amf0Reader, ReadsValuesInARow) {
  const Bytes bytes = from_hex(kConnect);
  ByteReader r(bytes);
  EXPECT_EQ(read_amf0(r)->string(), "connect");
  EXPECT_EQ(read_amf0(r)->number(), 1);
  const auto command = read_amf0(r);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->find("app")->string(), "live");
  EXPECT_EQ(command->find("fpad")->boolean(), false);
  EXPECT_EQ(r.left(), 0u);
  EXPECT_EQ(read_amf0(r).error(), Errc::truncated);
}

TEST(Amf0Reader, ReadsTheRarerTypes) {
  EXPECT_TRUE(read("06")->nothing());
  EXPECT_TRUE(read("0d")->nothing()) << "unsupported";
  EXPECT_EQ(read("0c 00000002 6162")->string(), "ab") << "long string";
  EXPECT_EQ(read("0f 00000002 6162")->string(), "ab") << "XML document";
  EXPECT_EQ(read("0b 4059000000000000 0000")->number(), 100) << "date";
  EXPECT_EQ(read("08 00000000 0001 61 0101 0000 09")->find("a")->boolean(), true) << "ECMA array with a wrong count";
  EXPECT_EQ(read("10 0001 43 0001 61 0101 0000 09")->find("a")->boolean(), true) << "typed object";
  EXPECT_EQ(read("0a 00000002 0101 0100")->array()->size(), 2u);
  EXPECT_EQ(read("11 06 05 6162")->string(), "ab") << "switches to AMF 3";
  EXPECT_TRUE(read("03 0000 05 0000 09")->find("")->nothing()) << "an empty name is a name, before other than the end";
}

TEST(Amf0Reader, FollowsReferences) {
  // [ { a: true }, reference 1 ]: object 0 is the array itself.
  const auto value = read("0a 00000002 03 0001 61 0101 0000 09 07 0001");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->array()->at(1).find("a")->boolean(), true);
  EXPECT_EQ(value->array()->at(0), value->array()->at(1));
  EXPECT_EQ(read("0a 00000001 07 0000").error(), Errc::bad_reference) << "contains itself";
  EXPECT_EQ(read("0a 00000001 07 0001").error(), Errc::bad_reference) << "refers to nothing";
}

TEST(Amf0Reader, KeepsCountOfObjectsBehindAReference) {
  // [ [], [ref 1], ref 2, { }, ref 3 ]: following a reference adds nothing to the table.
  const auto value = read("0a 00000005 0a 00000000 0a 00000001 07 0001 07 0002 03 0000 09 07 0003");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->array()->at(2), value->array()->at(1));
  EXPECT_NE(value->array()->at(4).object(), nullptr);
}

TEST(Amf0Reader, RefusesReservedMarkers) {
  for (const auto* text : {"04", "0e", "12", "ff", "09"}) EXPECT_EQ(read(text).error(), Errc::unsupported_type) << text;
}

TEST(Amf0Reader, BoundsDepth) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "0a00000001";
    return text + "05";
  };
  EXPECT_TRUE(read(nested(kMaxDepth - 1)));
  EXPECT_EQ(read(nested(kMaxDepth)).error(), Errc::too_deep);
  EXPECT_EQ(read(nested(100'000)).error(), Errc::too_deep);
}

TEST(Amf0Reader, BoundsElementsAndText) {
  Bytes many;
  ByteWriter w(many);
  w.u8(0x0a);
  w.be32(kMaxElements);
  for (std::size_t i = 0; i < kMaxElements; ++i) w.u8(0x05);
  ByteReader elements(many);
  EXPECT_EQ(read_amf0(elements).error(), Errc::too_large);

  Bytes text;
  ByteWriter t(text);
  t.u8(0x0c);
  t.be32(kMaxTextBytes + 1);
  t.zeros(kMaxTextBytes + 1);
  ByteReader r(text);
  EXPECT_EQ(read_amf0(r).error(), Errc::too_large);
  EXPECT_EQ(read("0a ffffffff").error(), Errc::truncated) << "a count allocates nothing";
}

TEST(Amf0Reader, BoundsWhatReferencesUnfoldTo) {
  // Each array holds the one before ten times: 10^14 values in 600 bytes.
  Bytes bytes;
  ByteWriter w(bytes);
  w.u8(0x0a);
  w.be32(15);
  w.u8(0x0a);
  w.be32(0);
  for (std::size_t level = 1; level < 15; ++level) {
    w.u8(0x0a);
    w.be32(10);
    for (int i = 0; i < 10; ++i) {
      w.u8(0x07);
      w.be16(level);
    }
  }
  ByteReader r(bytes);
  const auto read = read_amf0(r);
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error() == Errc::too_large || read.error() == Errc::too_deep);
}

}  // namespace
}  // namespace sluice::amf
