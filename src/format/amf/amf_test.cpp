#include "format/amf/amf.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>

#include "core/hex.hpp"

namespace sluice::amf {
namespace {

Bytes written(const Value& value) {
  Bytes out;
  ByteWriter w(out);
  write_amf0(w, value);
  return out;
}

TEST(AmfValue, GivesWhatItIsAndNothingElse) {
  const Value value = Object{{"app", "live"}, {"objectEncoding", 3}, {"fpad", false}, {"none", Null{}}};
  EXPECT_EQ(value.find("app")->string(), "live");
  EXPECT_EQ(value.find("objectEncoding")->number(), 3);
  EXPECT_EQ(value.find("fpad")->boolean(), false);
  EXPECT_TRUE(value.find("none")->nothing());
  EXPECT_EQ(value.find("tcUrl"), nullptr);
  EXPECT_FALSE(value.find("app")->number());
  EXPECT_EQ(value.find("app")->find("x"), nullptr) << "no object";
  EXPECT_TRUE(Value().nothing());
}

TEST(AmfWriter, WritesEachTypeAsTheStandardHasIt) {
  EXPECT_EQ(written(1.5), from_hex("00 3ff8000000000000"));
  EXPECT_EQ(written(true), from_hex("01 01"));
  EXPECT_EQ(written("ab"), from_hex("02 0002 6162"));
  EXPECT_EQ(written(Null{}), from_hex("05"));
  EXPECT_EQ(written(Undefined{}), from_hex("06"));
  EXPECT_EQ(written(Object{{"a", Null{}}}), from_hex("03 0001 61 05 0000 09"));
  EXPECT_EQ(written(Array{true, Null{}}), from_hex("0a 00000002 0101 05"));
  Bytes array;
  ByteWriter w(array);
  write_amf0_ecma_array(w, {{"a", Null{}}});
  EXPECT_EQ(array, from_hex("08 00000001 0001 61 05 0000 09"));
}

TEST(AmfWriter, WritesLongText) {
  const Bytes out = written(std::string(70'000, 'x'));
  ByteReader r(out);
  EXPECT_EQ(r.u8(), 0x0c);
  EXPECT_EQ(r.be32(), 70'000u);
  EXPECT_EQ(r.left(), 70'000u);
}

rc::Gen<std::string> name() { return rc::gen::container<std::string>(rc::gen::inRange('a', 'z')); }

rc::Gen<Value> any_value(int depth) {
  auto leaf =
      rc::gen::oneOf(rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Value(b); }),
                     rc::gen::map(rc::gen::arbitrary<std::int32_t>(), [](std::int32_t n) { return Value(n); }),
                     rc::gen::map(rc::gen::arbitrary<std::string>(), [](std::string s) { return Value(std::move(s)); }),
                     rc::gen::just(Value(Null{})), rc::gen::just(Value(Undefined{})));
  if (depth == 0) return leaf;
  return rc::gen::oneOf(leaf,
                        rc::gen::map(rc::gen::container<Array>(any_value(depth - 1)),
                                     [](Array array) { return Value(std::move(array)); }),
                        rc::gen::map(rc::gen::container<Object>(rc::gen::pair(name(), any_value(depth - 1))),
                                     [](Object members) { return Value(std::move(members)); }));
}

TEST(Amf, RoundTripsAnyValue) {
  rc::check([] {
    const Value value = *rc::gen::resize(8, any_value(3));
    const Bytes bytes = written(value);
    ByteReader r(bytes);
    const auto read = read_amf0(r);
    RC_ASSERT(read.has_value());
    RC_ASSERT(r.left() == 0u);
    RC_ASSERT((*read == value));
    const auto shorter = *rc::gen::inRange<std::size_t>(0, bytes.size());
    ByteReader cut(BytesView(bytes).first(shorter));
    RC_ASSERT(!read_amf0(cut).has_value());
  });
}

}  // namespace
}  // namespace sluice::amf
