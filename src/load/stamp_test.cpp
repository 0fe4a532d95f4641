#include "load/stamp.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "media/h264.hpp"

namespace sluice::load {
namespace {

/// NAL units, each behind its length.
Bytes access_unit(std::initializer_list<Bytes> nals) {
  Bytes out;
  ByteWriter w(out);
  for (const Bytes& nal : nals) {
    w.be32(static_cast<std::uint32_t>(nal.size()));
    w.bytes(nal);
  }
  return out;
}
Bytes nal(std::initializer_list<int> bytes) {
  Bytes out;
  for (const int b : bytes) out.push_back(static_cast<std::byte>(b));
  return out;
}

const Bytes kDelimiter = nal({0x09, 0xf0});
const Bytes kSps = nal({0x67, 0x42, 0x00, 0x1e});
const Bytes kRecoveryPoint = nal({0x06, 0x06, 0x01, 0xc4, 0x80});
const Bytes kIdr = nal({0x65, 0x88, 0x84});

RC_GTEST_PROP(Stamp, ComesBackAsItWasWritten,
              (std::uint32_t run, std::uint64_t frame, std::uint64_t machine, std::int64_t steady, std::int64_t utc)) {
  const Stamp stamp{.run = run,
                    .frame = frame,
                    .machine = machine,
                    .steady = std::chrono::microseconds(steady),
                    .utc = UtcTime(std::chrono::microseconds(utc))};
  RC_ASSERT(find_stamp(access_unit({kDelimiter, kSps, kRecoveryPoint, write_stamp(stamp), kIdr})) == stamp);
}

TEST(Stamp, NeverLooksLikeAStartCode) {
  const Bytes written = write_stamp({});  // nearly all zeros
  for (std::size_t i = 0; i + 2 < written.size(); ++i) {
    EXPECT_FALSE(written[i] == std::byte{0} && written[i + 1] == std::byte{0} && written[i + 2] < std::byte{3}) << i;
  }
  EXPECT_EQ(find_stamp(access_unit({written, kIdr})), Stamp{});
}

TEST(Stamp, IsNotSeenInOtherMessages) {
  Bytes foreign = write_stamp({.run = 1});
  foreign[5] ^= std::byte{1};  // another UUID
  EXPECT_EQ(find_stamp(access_unit({foreign, kIdr})), std::nullopt);
  EXPECT_EQ(find_stamp(access_unit({kRecoveryPoint, kIdr})), std::nullopt);
  EXPECT_EQ(find_stamp(access_unit({kIdr, write_stamp({.run = 1})})), std::nullopt);  // behind the picture
}

TEST(Stamp, CutAnywhereIsNoStamp) {
  const Bytes whole = write_stamp({.run = 7, .frame = 9});
  for (std::size_t n = 1; n + 1 < whole.size(); ++n) {  // without its last byte, the trailing bits, it still reads
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_EQ(find_stamp(access_unit({cut, kIdr})), std::nullopt) << n;
  }
}

TEST(Stamp, BelongsBeforeTheFirstSlice) {
  EXPECT_EQ(place_for_stamp(access_unit({kDelimiter, kSps, kRecoveryPoint, kIdr, kIdr})),
            access_unit({kDelimiter, kSps, kRecoveryPoint}).size());
  EXPECT_EQ(place_for_stamp(access_unit({kIdr})), 0u);
  EXPECT_EQ(place_for_stamp({}), 0u);
}

TEST(Stamp, KnowsItsAgeByTheClockThatApplies) {
  Stamp here = Stamp::now(1, 1);
  here.steady -= std::chrono::seconds(3);
  EXPECT_GE(age(here), std::chrono::seconds(3));
  EXPECT_LT(age(here), std::chrono::seconds(8));

  Stamp elsewhere = Stamp::now(1, 1);
  elsewhere.machine ^= 1;
  elsewhere.utc -= std::chrono::seconds(20);
  EXPECT_GE(age(elsewhere), std::chrono::seconds(20));
}

}  // namespace
}  // namespace sluice::load
