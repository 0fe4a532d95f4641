#include "format/mpegts/pes_assembler.hpp"

#include <gtest/gtest.h>

#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

struct Assembled {
  Bytes payload;
  bool corrupt;
};

struct Fixture {
  PesAssembler assembler;
  std::vector<Assembled> found;

  void take(const PesPacket& packet) {
    found.push_back({{packet.payload.begin(), packet.payload.end()}, packet.corrupt});
  }
  void push(const Bytes& payload, bool start) {
    assembler.push(payload, start, false, [&](const PesPacket& packet) { take(packet); });
  }
  void finish() {
    assembler.finish([&](const PesPacket& packet) { take(packet); });
  }
};

/// A PES packet without stamps; `length` as PES_packet_length counts the payload, nothing for unbounded.
Bytes pes(const Bytes& payload, std::optional<std::size_t> length) {
  Bytes out = sample::bytes({0, 0, 1, 0xe0});
  ByteWriter w(out);
  w.be16(length ? 3 + *length : 0);
  w.bytes(sample::bytes({0x80, 0x00, 0x00}));
  w.bytes(payload);
  return out;
}

TEST(PesAssembler, IsDoneWhenTheLengthIsReached) {
  Fixture f;
  Bytes bytes = pes(sample::coded(100), 100);
  bytes.resize(bytes.size() + 5);  // stuffing that some writers put behind
  f.push(Bytes(bytes.begin(), bytes.begin() + 4), true);
  f.push(Bytes(bytes.begin() + 4, bytes.begin() + 50), false);
  EXPECT_TRUE(f.found.empty());
  f.push(Bytes(bytes.begin() + 50, bytes.end()), false);
  ASSERT_EQ(f.found.size(), 1u);
  EXPECT_EQ(f.found[0].payload, sample::coded(100));
  EXPECT_FALSE(f.found[0].corrupt);
  f.finish();
  EXPECT_EQ(f.found.size(), 1u);
}

TEST(PesAssembler, EndsAnUnboundedPacketAtTheNext) {
  Fixture f;
  f.push(pes(sample::coded(100), {}), true);
  f.push(sample::coded(7), false);
  f.push(pes(sample::coded(1), {}), true);
  ASSERT_EQ(f.found.size(), 1u);
  EXPECT_EQ(f.found[0].payload.size(), 107u);
  f.finish();
  EXPECT_EQ(f.found.size(), 2u);
}

TEST(PesAssembler, SaysWhatIsCorrupt) {
  Fixture f;
  f.push(pes(sample::coded(100), 200), true);  // ends too early
  f.push(pes(sample::coded(100), {}), true);
  f.assembler.lost();
  f.push(sample::coded(9), false);
  f.push(pes(sample::coded(5), 5), true);
  ASSERT_EQ(f.found.size(), 3u);
  EXPECT_TRUE(f.found[0].corrupt);
  EXPECT_TRUE(f.found[1].corrupt);
  EXPECT_FALSE(f.found[2].corrupt);
}

TEST(PesAssembler, DropsAndCountsWhatIsNoPesPacket) {
  Fixture f;
  f.push(sample::coded(100), true);
  f.push(sample::coded(100), false);
  f.push(sample::bytes({0, 0, 1, 0xe0}), true);
  f.assembler.lost();
  f.push(sample::bytes({0, 0, 1, 0xe0}), true);
  f.finish();
  EXPECT_TRUE(f.found.empty());
  EXPECT_EQ(f.assembler.dropped(), 3u);
}

TEST(PesAssembler, DropsWhatGrowsTooLarge) {
  Fixture f;
  const Bytes piece(1 << 20, std::byte{1});
  f.push(pes(piece, {}), true);
  for (int i = 0; i < 20; ++i) f.push(piece, false);
  f.finish();
  EXPECT_TRUE(f.found.empty());
  EXPECT_EQ(f.assembler.dropped(), 1u);
}

}  // namespace
}  // namespace sluice::mpegts
