#include "media/h264.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "core/hex.hpp"
#include "media/errc.hpp"

namespace sluice::media::h264 {
namespace {

// Access units of an open GOP stream of x264, pictures cut to their first bytes; lengths are in front.
constexpr std::string_view kIdr =
    "00000002 0910"                                               // access unit delimiter
    "00000018 6764000aacd9447b0110000003001000000303 20f1225960"  // SPS
    "00000006 68ebe0612c8b"                                       // PPS
    "0000000c 65888400ff5d50ac413d08bc";                          // IDR slice
constexpr std::string_view kOpenGop =
    "00000002 0910"
    "00000005 060601c480"                 // SEI: recovery_point of one byte
    "0000000c 41889983ff10133b014a72f3";  // I slice, nal_ref_idc 2
constexpr std::string_view kPredicted = "00000002 0930 00000012 419a236c7ff2c54451394eaccea166fd011c";  // P slice
constexpr std::string_view kDisposable = "00000002 0950 00000008 019e626a57fcdd70";  // B slice, nal_ref_idc 0

std::vector<unsigned> types(BytesView payload) {
  std::vector<unsigned> out;
  for (const BytesView nal : nal_units(payload)) out.push_back(static_cast<unsigned>(nal_type(nal)));
  return out;
}

TEST(H264Nal, WalksTheUnitsOfAPayload) {
  EXPECT_EQ(types(from_hex(kIdr)), (std::vector<unsigned>{9, 7, 8, 5}));
  EXPECT_EQ(types({}), std::vector<unsigned>{});
}

TEST(H264Nal, StopsWhereALengthLeadsOutside) {
  const Bytes whole = from_hex(kIdr);
  EXPECT_EQ(sound_length(whole), whole.size());
  const auto cut = BytesView(whole).first(whole.size() - 1);
  EXPECT_EQ(types(cut), (std::vector<unsigned>{9, 7, 8}));
  EXPECT_EQ(sound_length(cut), whole.size() - 16);
  EXPECT_EQ(types(from_hex("ffffffff 65")), std::vector<unsigned>{});
  EXPECT_EQ(sound_length(from_hex("ffffffff 65")), 0u);
}

TEST(H264Nal, PassesOverEmptyUnits) {
  const Bytes in = from_hex("00000000 00000002 0910 00000000");
  EXPECT_EQ(types(in), std::vector<unsigned>{9});
  EXPECT_EQ(sound_length(in), in.size());
}

TEST(H264Nal, WidensLengths) {
  const Bytes want = from_hex("00000002 0910 00000003 68ebe0");
  EXPECT_EQ(with_four_byte_lengths(from_hex("02 0910 03 68ebe0"), 1), want);
  EXPECT_EQ(with_four_byte_lengths(from_hex("0002 0910 0003 68ebe0"), 2), want);
  EXPECT_EQ(with_four_byte_lengths(from_hex("000002 0910 000003 68ebe0"), 3), want);
  EXPECT_EQ(with_four_byte_lengths(want, 4), want);
  EXPECT_EQ(with_four_byte_lengths(from_hex("0002 0910 0004 68ebe0"), 2).error(), Errc::bad_nal_length);
  EXPECT_EQ(with_four_byte_lengths(from_hex("0002 0910 00"), 2).error(), Errc::bad_nal_length);
}

TEST(H264AnnexB, SplitsAtStartCodesOfBothLengths) {
  const Bytes stream = from_hex(
      "ff00"                   // not of any NAL unit: before the first start code
      "000001 0910"            // short start code
      "00000001 68eb00000380"  // long one; emulation prevention stays
      "000001 6588 000000"     // trailing zeros
      "000001");               // a start code with nothing behind
  const auto nals = split_annex_b(stream);
  ASSERT_EQ(nals.size(), 3u);
  EXPECT_TRUE(std::ranges::equal(nals[0], from_hex("0910")));
  EXPECT_TRUE(std::ranges::equal(nals[1], from_hex("68eb00000380")));
  EXPECT_TRUE(std::ranges::equal(nals[2], from_hex("6588")));
  EXPECT_TRUE(split_annex_b(from_hex("0000")).empty());
  EXPECT_TRUE(split_annex_b({}).empty());
}

TEST(H264AnnexB, IsAPayloadWithOtherFraming) {
  const Bytes payload = from_hex(kIdr);
  EXPECT_EQ(from_annex_b(to_annex_b(payload)), payload);
  EXPECT_EQ(to_annex_b(from_hex("00000002 0910")), from_hex("00000001 0910"));
}

RC_GTEST_PROP(H264AnnexB, RoundTripsAnyNalUnits, (const std::vector<std::vector<std::uint8_t>>& units)) {
  Bytes payload;
  ByteWriter w(payload);
  for (const auto& unit : units) {
    Bytes nal{std::byte{0x41}};
    // Encoders never emit a zero twice in a row without emulation prevention, nor one at the end.
    for (const auto b : unit) nal.push_back(static_cast<std::byte>(b | 1));
    w.be32(nal.size());
    w.bytes(nal);
  }
  RC_ASSERT(from_annex_b(to_annex_b(payload)) == payload);
  RC_ASSERT(sound_length(payload) == payload.size());
}

TEST(H264RandomAccess, IsAnIdrPictureOrARecoveryPoint) {
  EXPECT_TRUE(random_access(from_hex(kIdr)));
  EXPECT_TRUE(random_access(from_hex(kOpenGop)));
  EXPECT_FALSE(random_access(from_hex(kPredicted)));
  EXPECT_FALSE(random_access(from_hex(kDisposable)));
  EXPECT_FALSE(random_access({}));
}

TEST(H264RandomAccess, NeedsAPictureBesidesTheMessage) { EXPECT_FALSE(random_access(from_hex("00000005 060601c480"))); }

TEST(H264RandomAccess, FindsTheMessageBehindOthers) {
  EXPECT_TRUE(random_access(from_hex("0000000a 0604 02ffff 0601c480 80 00000004 41889983"))) << "itu_t_t35 first";
  EXPECT_FALSE(random_access(from_hex("00000007 0604 03060180 80 00000004 41889983"))) << "inside another message";
  EXPECT_FALSE(random_access(from_hex("00000005 0606ffc480 00000004 41889983"))) << "longer than its NAL unit";
}

TEST(H264RandomAccess, TellsIntraSlicesByTheirHeaders) {
  EXPECT_TRUE(intra_only(from_hex(kIdr)));
  EXPECT_TRUE(intra_only(from_hex("0000000c 41889983ff10133b014a72f3"))) << "I slice without a message";
  EXPECT_FALSE(intra_only(from_hex(kPredicted)));
  EXPECT_FALSE(intra_only(from_hex("0000000c 41889983ff10133b014a72f3 00000004 419a236c"))) << "one slice is P";
  EXPECT_FALSE(intra_only(from_hex("00000002 0910")));
}

TEST(H264Picture, IsThereWithASlice) {
  EXPECT_TRUE(has_picture(from_hex(kPredicted)));
  EXPECT_FALSE(has_picture(from_hex("00000006 68ebe0612c8b 00000002 0910")));
}

TEST(H264Disposable, IsAPictureNobodyRefersTo) {
  EXPECT_TRUE(disposable(from_hex(kDisposable)));
  EXPECT_FALSE(disposable(from_hex(kPredicted)));
  EXPECT_FALSE(disposable(from_hex("00000002 0910")));
}

}  // namespace
}  // namespace sluice::media::h264
