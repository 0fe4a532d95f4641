#include "format/mpegts/section.hpp"

#include <gtest/gtest.h>

#include "format/mpegts/errc.hpp"
#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

Bytes section(std::uint8_t table_id, std::size_t body) {
  const Bytes bytes = sample::coded(body, table_id);
  return Section{.table_id = table_id, .table_id_extension = 0x1234, .version = 5, .body = bytes}.write();
}

/// The sections that an assembler finds in `payloads`; a payload that begins with its pointer_field is `first`.
struct Fixture {
  SectionAssembler assembler;
  std::vector<Bytes> found;

  void push(const Bytes& payload, bool first) {
    assembler.push(payload, first, [&](BytesView bytes) { found.emplace_back(bytes.begin(), bytes.end()); });
  }
};

Bytes with_pointer(std::size_t pointer, std::initializer_list<BytesView> parts) {
  Bytes out{static_cast<std::byte>(pointer)};
  for (const BytesView part : parts) ByteWriter(out).bytes(part);
  return out;
}

TEST(Section, ComesBackAsItWasWritten) {
  const Bytes body = sample::coded(30);
  const Bytes bytes =
      Section{.table_id = 2, .table_id_extension = 7, .version = 31, .current = false, .body = body}.write();
  const auto read = Section::parse(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->table_id, 2);
  EXPECT_EQ(read->table_id_extension, 7);
  EXPECT_EQ(read->version, 31);
  EXPECT_FALSE(read->current);
  EXPECT_TRUE(std::ranges::equal(read->body, body));
}

TEST(Section, RefusesEveryPrefixAndEveryFlippedBit) {
  Bytes bytes = section(2, 20);
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(Section::parse(BytesView(bytes).first(n)));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    if (bit / 8 == 0) continue;
    bytes[bit / 8] ^= std::byte(1 << bit % 8);
    EXPECT_FALSE(Section::parse(bytes)) << bit;
    bytes[bit / 8] ^= std::byte(1 << bit % 8);
  }
}

TEST(SectionAssembler, FindsSectionsWhereverTheyAreCut) {
  const Bytes a = section(2, 300), b = section(2, 3);
  const auto tail = BytesView(a).subspan(100);
  const auto end = tail.subspan(180);
  Fixture f;
  f.push(with_pointer(0, {BytesView(a).first(100)}), true);
  f.push(Bytes(tail.begin(), tail.begin() + 180), false);
  EXPECT_TRUE(f.found.empty());
  const Bytes stuffing(20, std::byte{0xff});
  f.push(with_pointer(end.size(), {end, b, a, stuffing}), true);
  ASSERT_EQ(f.found.size(), 3u);
  EXPECT_EQ(f.found[0], a);
  EXPECT_EQ(f.found[1], b);
  EXPECT_EQ(f.found[2], a);
}

TEST(SectionAssembler, WaitsForABeginningAfterALoss) {
  const Bytes a = section(2, 300);
  Fixture f;
  f.push(Bytes(a.begin() + 10, a.end()), false);
  f.push(with_pointer(0, {BytesView(a).first(100)}), true);
  f.assembler.reset();
  f.push(Bytes(a.begin() + 100, a.end()), false);
  EXPECT_TRUE(f.found.empty());
  f.push(with_pointer(0, {a}), true);
  EXPECT_EQ(f.found.size(), 1u);
}

TEST(SectionAssembler, RefusesAPointerOutOfThePacket) {
  Fixture f;
  f.push(with_pointer(9, {}), true);
  f.push({}, true);
  f.push(section(2, 5), false);
  EXPECT_TRUE(f.found.empty());
}

}  // namespace
}  // namespace sluice::mpegts
