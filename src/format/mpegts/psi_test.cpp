#include "format/mpegts/psi.hpp"

#include <gtest/gtest.h>

#include "format/mpegts/errc.hpp"
#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

TEST(Pat, IsWrittenAsTheStandardSays) {
  const Bytes expected = sample::bytes({
      0x00,                    // table_id
      0xb0, 0x0d,              // section_syntax_indicator, section_length 13
      0x00, 0x01,              // transport_stream_id
      0xc1,                    // version_number 0, current
      0x00, 0x00,              // section_number, last_section_number
      0x00, 0x01, 0xf0, 0x00,  // program_number 1, program_map_PID 0x1000
      0x2a, 0xb1, 0x04, 0xb2,  // CRC_32
  });
  EXPECT_EQ((Pat{.programs = {{1, 0x1000}}}.write()), expected);
}

TEST(Pat, LeavesOutTheNetworkPid) {
  const Bytes bytes = Pat{.version = 3, .programs = {{0, 0x10}, {9, 0x20}}}.write();
  const auto pat = Pat::parse(Section::parse(bytes).value());
  ASSERT_TRUE(pat);
  EXPECT_EQ(*pat, (Pat{.version = 3, .programs = {{9, 0x20}}}));
}

TEST(Pmt, SaysLanguageAndRegistration) {
  const Pmt pmt{.program_number = 3,
                .version = 17,
                .pcr_pid = 0x101,
                .streams = {{0x1b, 0x101}, {0x0f, 0x111, 0, "eng"}, {0x06, 0x131, 0x4b4c'5641}}};
  const Bytes bytes = pmt.write();
  const Bytes streams(bytes.begin() + 12, bytes.end() - 4);
  EXPECT_EQ(streams, sample::bytes({
                         0x1b, 0xe1, 0x01, 0xf0, 0x00,        // H.264, no descriptors
                         0x0f, 0xe1, 0x11, 0xf0, 0x06,        // AAC in ADTS
                         0x0a, 0x04, 'e',  'n',  'g',  0x00,  // ISO_639_language_descriptor
                         0x06, 0xe1, 0x31, 0xf0, 0x06,        // private PES
                         0x05, 0x04, 'K',  'L',  'V',  'A',   // registration_descriptor
                     }));
  EXPECT_EQ(Pmt::parse(Section::parse(bytes).value()), pmt);
}

TEST(Pmt, AnnouncesTimedMetadataAsHlsWantsIt) {
  const Pmt pmt{.program_number = 1, .streams = {{kMetadataInPes, 0x131, 0x4944'3320}}};
  const Bytes bytes = pmt.write();
  const Bytes body(bytes.begin() + 10, bytes.end() - 4);
  EXPECT_EQ(body, sample::bytes({
                      0xf0, 17,                                             // program_info_length
                      0x25, 15,   0xff, 0xff, 'I', 'D',  '3',  ' ',         // metadata_pointer_descriptor
                      0xff, 'I',  'D',  '3',  ' ', 0x00, 0x1f, 0x00, 0x01,  //
                      0x15, 0xe1, 0x31, 0xf0, 15,                           // metadata in PES packets
                      0x26, 13,   0xff, 0xff, 'I', 'D',  '3',  ' ',         // metadata_descriptor
                      0xff, 'I',  'D',  '3',  ' ', 0x00, 0x0f,              //
                  }));
  EXPECT_EQ(Pmt::parse(Section::parse(bytes).value()), pmt);
}

TEST(Pmt, FitsOneSectionAtItsLargest) {
  Pmt pmt;
  for (std::size_t i = 0; i < kMaxStreams; ++i) {
    pmt.streams.push_back({kMetadataInPes, static_cast<std::uint16_t>(0x100 + i), 0x4944'3320, "eng"});
  }
  const Bytes bytes = pmt.write();
  EXPECT_LE(bytes.size(), kMaxSectionSize);
  EXPECT_EQ(Pmt::parse(Section::parse(bytes).value()), pmt);
}

TEST(Pmt, RefusesEveryPrefixOfItsBodyAndTooManyStreams) {
  const Bytes bytes = Pmt{.streams = {{0x0f, 0x111, 0, "eng"}}}.write();
  Section section = Section::parse(bytes).value();
  const BytesView body = section.body;
  for (std::size_t n = 0; n < body.size(); ++n) {
    section.body = body.first(n);
    EXPECT_EQ(Pmt::parse(section).has_value(), n == 4) << n;  // without its streams it is a PMT of none
  }
  Bytes many(4);
  for (std::size_t i = 0; i <= kMaxStreams; ++i) ByteWriter(many).bytes(sample::bytes({0x1b, 0xe1, 0, 0xf0, 0}));
  section.body = many;
  EXPECT_EQ(Pmt::parse(section).error(), Errc::too_many);
}

TEST(Sdt, NamesTheService) {
  const Bytes bytes = Sdt{.service_id = 7, .provider = "Sluice", .name = "Ärger"}.write();
  const Bytes body(bytes.begin() + 8, bytes.end() - 4);
  EXPECT_EQ(body, sample::bytes({
                      0xff, 0x01, 0xff,                            // original_network_id, reserved
                      0x00, 0x07, 0xfc,                            // service_id, no EIT
                      0x80, 18,                                    // running, descriptors_loop_length
                      0x48, 16,   0x01,                            // service_descriptor, digital television
                      6,    'S',  'l',  'u',  'i', 'c', 'e',       // service_provider_name
                      7,    0x15, 0xc3, 0x84, 'r', 'g', 'e', 'r',  // service_name in UTF-8
                  }));
}

TEST(Sdt, CutsLongTextBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "ä";
  const Bytes bytes = Sdt{.provider = std::string(300, 'x'), .name = name}.write();
  EXPECT_LE(bytes.size(), kMaxSectionSize);
  const BytesView body = Section::parse(bytes).value().body;
  const std::string_view text = as_text(body.subspan(8 + 3 + 1 + 120));
  EXPECT_EQ(text.size(), 1 + 1 + 118u);  // length, selector, 59 characters of two bytes
}

}  // namespace
}  // namespace sluice::mpegts
