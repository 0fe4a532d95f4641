#include "format/mpegts/packet_writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/mpegts/pes.hpp"
#include "format/mpegts/pes_assembler.hpp"
#include "format/mpegts/sample_media.hpp"
#include "format/mpegts/section.hpp"

namespace sluice::mpegts {
namespace {

struct Fixture {
  PacketWriter writer{0x101};
  Bytes out;

  void pes(const PesStart& start, BytesView data, bool whole_turn = false) {
    ElementaryBytes es;
    es.borrow(data.first(data.size() / 2));
    es.borrow(data.subspan(data.size() / 2));
    ByteWriter w(out);
    writer.pes(w, start, es, whole_turn);
  }
};

TEST(PacketWriter, WritesASmallPesPacketIntoOneTransportPacket) {
  Fixture f;
  const Bytes data = sample::bytes({0xaa, 0xbb});
  f.pes({.stream_id = 0xc0, .dts = Ticks(1), .pts = Ticks(1)}, data);
  ASSERT_EQ(f.out.size(), kPacketSize);
  EXPECT_EQ(Bytes(f.out.begin(), f.out.begin() + 6), sample::bytes({
                                                         0x47, 0x41, 0x01,  // start, PID 0x101
                                                         0x30,              // adaptation field and payload, 0
                                                         167, 0x00,         // 167 bytes of adaptation field, no flags
                                                     }));
  EXPECT_EQ(Bytes(f.out.end() - 17, f.out.end()), sample::bytes({
                                                      0xff,  // end of the stuffing
                                                      0x00,
                                                      0x00,
                                                      0x01,
                                                      0xc0,  // start code, stream_id
                                                      0x00,
                                                      0x0a,  // PES_packet_length
                                                      0x84,
                                                      0x80,
                                                      0x05,  // aligned, PTS only
                                                      0x21,
                                                      0x00,
                                                      0x01,
                                                      0x00,
                                                      0x03,  // PTS 1
                                                      0xaa,
                                                      0xbb,
                                                  }));
}

TEST(PacketWriter, SaysClockAndRandomAccessInTheFirstPacketOnly) {
  Fixture f;
  const Bytes data = sample::coded(1000);
  f.writer.mark_discontinuity();
  f.pes({.stream_id = 0xe0, .random_access_indicator = true, .pcr = Ticks(-1)}, data);
  const auto packets = sample::packets(f.out);
  ASSERT_EQ(packets.size(), 6u);
  EXPECT_EQ(packets[0].pcr, 0x1'ffff'ffffu);
  EXPECT_TRUE(packets[0].random_access_indicator);
  EXPECT_TRUE(packets[0].discontinuity_indicator);
  for (std::size_t i = 1; i < packets.size(); ++i) {
    EXPECT_FALSE(packets[i].payload_unit_start_indicator || packets[i].pcr || packets[i].random_access_indicator ||
                 packets[i].discontinuity_indicator);
    EXPECT_EQ(packets[i].continuity_counter, i);
  }
}

TEST(PacketWriter, LeavesOutTheLengthOfLargeVideoOnly) {
  Fixture f;
  f.pes({.stream_id = 0xe0}, sample::coded(70'000));
  EXPECT_EQ(PesHeader::parse(*sample::packets(f.out)[0].payload)->packet_length, 0u);
  f.out.clear();
  f.pes({.stream_id = 0xc0}, sample::coded(PacketWriter::kMaxBounded), true);
  EXPECT_EQ(PesHeader::parse(*sample::packets(f.out)[0].payload)->packet_length, PacketWriter::kMaxBounded + 8);
}

TEST(PacketWriter, WritesSectionsOfAnySize) {
  for (std::size_t size = 12; size < 700; ++size) {
    PacketWriter writer(0x1000);
    if (size % 2 == 0) writer.mark_discontinuity();
    Bytes out;
    ByteWriter w(out);
    const Bytes body = sample::coded(size - 12);
    const Bytes section = Section{.table_id = 2, .body = body}.write();
    writer.section(w, section);
    SectionAssembler assembler;
    unsigned found = 0;
    for (const PacketView& packet : sample::packets(out)) {
      assembler.push(*packet.payload, packet.payload_unit_start_indicator, [&](BytesView bytes) {
        EXPECT_TRUE(std::ranges::equal(bytes, section));
        ++found;
      });
    }
    EXPECT_EQ(found, 1u) << size;
  }
}

TEST(PacketWriter, WritesAClockWithoutCounting) {
  Fixture f;
  const Bytes data = sample::coded(10);
  f.pes({.stream_id = 0xe0}, data);
  ByteWriter w(f.out);
  f.writer.clock(w, Ticks(90'000));
  f.pes({.stream_id = 0xe0}, data);
  const auto packets = sample::packets(f.out);
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_EQ(packets[1].pcr, 90'000u);
  EXPECT_FALSE(packets[1].payload);
  EXPECT_EQ(packets[1].continuity_counter, 0);
  EXPECT_EQ(packets[2].continuity_counter, 1);
}

RC_GTEST_PROP(PacketWriter, CarriesEveryPesPacketAndFillsWholeTurns, ()) {
  Fixture f;
  const auto count = *rc::gen::inRange(1, 8);
  for (int i = 1; i <= count; ++i) {
    const bool last = i == count;
    const auto size = *rc::gen::oneOf(rc::gen::inRange<std::size_t>(1, 400), rc::gen::inRange<std::size_t>(1, 70'000));
    PesStart start{.stream_id = 0xe0, .random_access_indicator = *rc::gen::arbitrary<bool>()};
    start.dts = Ticks(*rc::gen::inRange<std::int64_t>(-10, std::int64_t{1} << 34));
    start.pts = start.dts + Ticks(*rc::gen::inRange(0, 3));
    if (*rc::gen::arbitrary<bool>()) start.pcr = start.dts;
    if (*rc::gen::arbitrary<bool>()) f.writer.mark_discontinuity();
    const Bytes data = sample::coded(size, static_cast<std::uint32_t>(i));
    f.out.clear();
    f.pes(start, data, last);

    const auto packets = sample::packets(f.out);
    PesAssembler assembler;
    unsigned found = 0;
    const auto check = [&](const PesPacket& packet) {
      ++found;
      RC_ASSERT(std::ranges::equal(packet.payload, data));
      RC_ASSERT(!packet.corrupt);
      const auto mask = (std::uint64_t{1} << 33) - 1;
      RC_ASSERT(packet.header.pts == (static_cast<std::uint64_t>(start.pts.count()) & mask));
      RC_ASSERT(packet.header.dts.value_or(*packet.header.pts) ==
                (static_cast<std::uint64_t>(start.dts.count()) & mask));
    };
    // The stamps lie in the first packet, for readers that look no further.
    RC_ASSERT(packets[0].payload->size() >= (start.dts == start.pts ? 14u : 19u));
    for (const PacketView& packet : packets) {
      assembler.push(*packet.payload, packet.payload_unit_start_indicator, false, check);
    }
    assembler.finish([&](const PesPacket& packet) { check(packet); });
    RC_ASSERT(found == 1u);
    if (last) RC_ASSERT(packets.back().continuity_counter == 15);
  }
}

}  // namespace
}  // namespace sluice::mpegts
