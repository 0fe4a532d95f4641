#include "format/mpegts/packet.hpp"

#include <gtest/gtest.h>

#include "format/mpegts/errc.hpp"
#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

Bytes packet(std::initializer_list<int> head) {
  Bytes out = sample::bytes(head);
  out.resize(kPacketSize, std::byte{0xff});
  return out;
}

TEST(Packet, ReadsHeaderAndAdaptationField) {
  const Bytes in = packet({
      0x47,                                // sync_byte
      0x41, 0x01,                          // payload_unit_start_indicator, PID 0x101
      0x3a,                                // adaptation field and payload, continuity_counter 10
      0x07,                                // adaptation_field_length
      0xd0,                                // discontinuity, random access, PCR
      0x80, 0x00, 0x00, 0x01, 0xfe, 0x00,  // program_clock_reference_base 0x100000003
      0xab,                                // payload
  });
  const auto view = PacketView::parse(in);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->pid, 0x101);
  EXPECT_TRUE(view->payload_unit_start_indicator);
  EXPECT_FALSE(view->transport_error_indicator);
  EXPECT_FALSE(view->scrambled);
  EXPECT_EQ(view->continuity_counter, 10);
  EXPECT_TRUE(view->discontinuity_indicator);
  EXPECT_TRUE(view->random_access_indicator);
  EXPECT_EQ(view->pcr, 0x1'0000'0003u);
  ASSERT_TRUE(view->payload);
  EXPECT_EQ(view->payload->size(), 188 - 4 - 8);
  EXPECT_EQ(view->payload->front(), std::byte{0xab});
}

TEST(Packet, KnowsPacketsWithoutPayload) {
  const auto view = PacketView::parse(packet({0x47, 0x81, 0x00, 0xe0, 183, 0x00}));
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->transport_error_indicator);
  EXPECT_TRUE(view->scrambled);
  EXPECT_FALSE(view->payload);
}

TEST(Packet, RefusesWhatContradictsItself) {
  EXPECT_EQ(PacketView::parse(packet({0x48})).error(), Errc::no_sync_byte);
  EXPECT_EQ(PacketView::parse(packet({0x47, 0x01, 0x00, 0x00})).error(), Errc::bad_packet);              // reserved
  EXPECT_EQ(PacketView::parse(packet({0x47, 0x01, 0x00, 0x30, 184})).error(), Errc::bad_packet);         // too long
  EXPECT_EQ(PacketView::parse(packet({0x47, 0x01, 0x00, 0x30, 2, 0x10, 0})).error(), Errc::bad_packet);  // PCR cut
}

TEST(Packet, RefusesEveryPrefix) {
  const Bytes in = packet({0x47, 0x41, 0x01, 0x10});
  for (std::size_t n = 0; n < in.size(); ++n) {
    EXPECT_EQ(PacketView::parse(BytesView(in).first(n)).error(), Errc::truncated);
  }
}

}  // namespace
}  // namespace sluice::mpegts
