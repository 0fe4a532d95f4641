#include "format/mpegts/pes.hpp"

#include <gtest/gtest.h>

#include "format/mpegts/errc.hpp"
#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

const Bytes kBoth = sample::bytes({
    0x00, 0x00, 0x01, 0xe0,        // packet_start_code_prefix, stream_id
    0x00, 0x10,                    // PES_packet_length 16
    0x84, 0xc0, 0x0b,              // data_alignment_indicator, PTS and DTS, PES_header_data_length 11
    0x39, 0x00, 0x01, 0x00, 0x01,  // PTS 0x100000000
    0x11, 0x00, 0x01, 0x00, 0x03,  // DTS 1
    0xff,                          // stuffing
    0xaa, 0xbb,                    // payload
});

TEST(PesHeader, ReadsBothStamps) {
  const auto header = PesHeader::parse(kBoth);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->stream_id, 0xe0);
  EXPECT_EQ(header->packet_length, 16u);
  EXPECT_EQ(header->pts, 0x1'0000'0000u);
  EXPECT_EQ(header->dts, 1u);
  EXPECT_EQ(header->size, 20u);
}

TEST(PesHeader, NeedsMoreForEveryPrefix) {
  for (std::size_t n = 0; n < 20; ++n) {
    EXPECT_EQ(PesHeader::parse(BytesView(kBoth).first(n)).error(), Errc::truncated) << n;
  }
  EXPECT_TRUE(PesHeader::parse(BytesView(kBoth).first(20)));
}

TEST(PesHeader, RefusesWhatContradictsItself) {
  const auto with = [](std::size_t at, int value) {
    Bytes bytes = kBoth;
    bytes[at] = static_cast<std::byte>(value);
    return PesHeader::parse(bytes);
  };
  EXPECT_EQ(with(2, 0x02).error(), Errc::bad_pes);  // no start code
  EXPECT_EQ(with(6, 0x04).error(), Errc::bad_pes);  // the MPEG-1 form
  EXPECT_EQ(with(7, 0x40).error(), Errc::bad_pes);  // DTS without PTS
  EXPECT_EQ(with(8, 0x09).error(), Errc::bad_pes);  // the stamps lead out of the header
  EXPECT_EQ(with(5, 0x02).error(), Errc::bad_pes);  // the header leads out of the packet
  EXPECT_TRUE(with(6, 0x94)->scrambled);
}

}  // namespace
}  // namespace sluice::mpegts
