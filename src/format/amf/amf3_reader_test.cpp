#include <gtest/gtest.h>

#include "core/hex.hpp"
#include "format/amf/amf.hpp"

namespace sluice::amf {
namespace {

Result<Value> read(std::string_view hex) {
  const Bytes bytes = from_hex(hex);
  ByteReader r(bytes);
  auto out = read_amf3(r);
  if (out) EXPECT_EQ(r.left(), 0u) << hex;
  return out;
}

TEST(Amf3Reader, ReadsSimpleValues) {
  EXPECT_TRUE(read("00")->nothing());
  EXPECT_TRUE(read("01")->nothing());
  EXPECT_EQ(read("02")->boolean(), false);
  EXPECT_EQ(read("03")->boolean(), true);
  EXPECT_EQ(read("05 3ff8000000000000")->number(), 1.5);
  EXPECT_EQ(read("06 05 6162")->string(), "ab");
  EXPECT_EQ(read("06 01")->string(), "");
  EXPECT_EQ(read("07 05 6162")->string(), "ab") << "XML document";
  EXPECT_EQ(read("0b 05 6162")->string(), "ab") << "XML";
  EXPECT_EQ(read("0c 05 6162")->string(), "ab") << "byte array";
  EXPECT_EQ(read("08 01 4059000000000000")->number(), 100) << "date";
}

TEST(Amf3Reader, ReadsIntegersOf29Bits) {
  EXPECT_EQ(read("04 00")->number(), 0);
  EXPECT_EQ(read("04 7f")->number(), 127);
  EXPECT_EQ(read("04 8100")->number(), 128);
  EXPECT_EQ(read("04 ff7f")->number(), 16'383);
  EXPECT_EQ(read("04 818000")->number(), 16'384);
  EXPECT_EQ(read("04 80c08000")->number(), 2'097'152);
  EXPECT_EQ(read("04 bfffffff")->number(), 268'435'455);
  EXPECT_EQ(read("04 c0808000")->number(), -268'435'456);
  EXPECT_EQ(read("04 ffffffff")->number(), -1);
}

TEST(Amf3Reader, ReadsArrays) {
  EXPECT_EQ(read("09 05 01 02 03")->array()->size(), 2u) << "dense";
  const auto mixed = read("09 03 0361 03 01 02");  // { a: true } and one element, false
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->find("a")->boolean(), true);
  EXPECT_EQ(mixed->find("0")->boolean(), false);
}

TEST(Amf3Reader, ReadsObjectsByTheirTraits) {
  // Traits of class "" with sealed members a and b; dynamic, so c follows, up to the empty name.
  const auto value = read("0a 2b 01 0361 0362 03 02 0363 04 05 01");
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, Value(Object{{"a", true}, {"b", false}, {"c", 5}}));
  // An array of two objects: the second takes traits 0 of the first, and their names.
  const auto two = read("09 05 01  0a 13 01 0361 03  0a 01 02");
  ASSERT_TRUE(two);
  EXPECT_EQ(two->array()->at(0), Value(Object{{"a", true}}));
  EXPECT_EQ(two->array()->at(1), Value(Object{{"a", false}}));
}

TEST(Amf3Reader, ReadsVectors) {
  EXPECT_EQ(*read("0d 05 00 00000001 ffffffff"), Value(Array{1, -1})) << "int";
  EXPECT_EQ(*read("0e 03 00 ffffffff"), Value(Array{4'294'967'295u})) << "uint";
  EXPECT_EQ(*read("0f 03 01 3ff8000000000000"), Value(Array{1.5})) << "double";
  EXPECT_EQ(*read("10 03 00 01 03"), Value(Array{true})) << "object";
}

TEST(Amf3Reader, FollowsReferences) {
  // ["ab", "ab" again, [true], that array again]: strings and objects have tables of their own.
  const auto value = read("09 09 01  06 05 6162  06 00  09 03 01 03  09 02");
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, Value(Array{"ab", "ab", Array{true}, Array{true}}));
  EXPECT_EQ(read("06 00").error(), Errc::bad_reference) << "no string";
  EXPECT_EQ(read("09 02").error(), Errc::bad_reference) << "no object";
  EXPECT_EQ(read("0a 01").error(), Errc::bad_reference) << "no traits";
  EXPECT_EQ(read("09 03 01 09 00").error(), Errc::bad_reference) << "contains itself";
  EXPECT_EQ(read("09 05 01 09 01 01 0a 02").error(), Errc::bad_reference) << "of another type";
}

TEST(Amf3Reader, KeepsItsTablesBehindAReference) {
  // [["ab"], that array again, "cd", string 1]: following the reference adds no string.
  const auto value = read("09 09 01  09 03 01 06 05 6162  09 02  06 05 6364  06 02");
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, Value(Array{Array{"ab"}, Array{"ab"}, "cd", "cd"}));
}

TEST(Amf3Reader, RefusesWhatOnlyActionScriptKnows) {
  EXPECT_EQ(read("0a 07 0343").error(), Errc::unsupported_type) << "externalizable";
  EXPECT_EQ(read("11 01 00").error(), Errc::unsupported_type) << "dictionary";
  EXPECT_EQ(read("ff").error(), Errc::unsupported_type);
}

TEST(Amf3Reader, RefusesEveryPrefix) {
  for (const auto* text : {"04 80c08000", "05 3ff8000000000000", "0a 2b 01 0361 0362 03 02 0363 04 05 01",
                           "09 09 01 06 05 6162 06 00 09 03 01 03 09 02", "10 03 00 01 03", "0d 03 00 00000001"}) {
    const Bytes whole = from_hex(text);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      ByteReader r(BytesView(whole).first(n));
      EXPECT_EQ(read_amf3(r).error(), Errc::truncated) << text << " cut to " << n;
    }
  }
}

TEST(Amf3Reader, BoundsDepthElementsAndText) {
  std::string deep;
  for (std::size_t i = 0; i < kMaxDepth; ++i) deep += "090301";
  EXPECT_EQ(read(deep + "01").error(), Errc::too_deep);
  EXPECT_EQ(read("09 bfffffff 01").error(), Errc::truncated) << "a count allocates nothing";

  // One string of 64 KiB, then a reference to it 1000 times.
  Bytes bytes;
  ByteWriter w(bytes);
  w.bytes(from_hex("09 8f51 01"));  // array of 1000
  w.bytes(from_hex("06 888001"));   // string of 65536
  w.zeros(65'536);
  for (int i = 0; i < 999; ++i) w.bytes(from_hex("0600"));
  ByteReader r(bytes);
  EXPECT_EQ(read_amf3(r).error(), Errc::too_large);
}

}  // namespace
}  // namespace sluice::amf
