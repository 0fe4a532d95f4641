#include "format/mpegts/pids.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "format/mpegts/packet.hpp"
#include "format/mpegts/sample_media.hpp"

namespace sluice::mpegts {
namespace {

const media::Tracks kTracks = sample::tracks({sample::h264(), sample::h264(), sample::aac(), sample::data("id3")});

TEST(Pids, HaveDefaultsThatFollowTheIds) {
  const Pids pids = assign_pids(kTracks, {});
  EXPECT_EQ(pids.pmt, 0x1000);
  EXPECT_EQ(pids.sdt, 0x11);
  EXPECT_EQ(pids.tracks, (std::vector<std::uint16_t>{0x101, 0x102, 0x111, 0x131}));
  EXPECT_FALSE(pids.pcr);
  EXPECT_EQ(assign_pids({kTracks[1], kTracks[2]}, {}).tracks, (std::vector<std::uint16_t>{0x102, 0x111}));
}

TEST(Pids, AreThoseThatWereAskedFor) {
  const Pids pids = assign_pids(
      kTracks, {.pids = {{"pmt", 4095}, {"sdt", 0x12}, {"v1", 211}, {"v0", 300}, {"a0", 220}, {"pcr", 99}}});
  EXPECT_EQ(pids.pmt, 4095);
  EXPECT_EQ(pids.sdt, 0x12);
  EXPECT_EQ(pids.tracks, (std::vector<std::uint16_t>{211, 302, 221, 0x131}));
  EXPECT_EQ(pids.pcr, 99);
}

TEST(Pids, CarryTheClockWithATrackOrApart) {
  EXPECT_EQ(assign_pids(kTracks, {.pids = {{"pcr", 0x111}}}).pcr, 0x111);
  EXPECT_FALSE(assign_pids(kTracks, {.pids = {{"pcr", 0x1000}}}).pcr);  // the PMT's
}

RC_GTEST_PROP(Pids, AreLegalAndDifferWhateverIsAskedFor, ()) {
  MuxerOptions options;
  for (const char* name : {"pmt", "sdt", "pcr", "v1", "v2", "v0", "a0", "a1", "d1"}) {
    if (*rc::gen::arbitrary<bool>()) options.pids[name] = *rc::gen::inRange<std::uint16_t>(0, 0x2010);
  }
  const Pids pids = assign_pids(kTracks, options);
  std::set<std::uint16_t> all(pids.tracks.begin(), pids.tracks.end());
  all.insert({pids.pmt, pids.sdt});
  RC_ASSERT(all.size() == kTracks.size() + 2);
  RC_ASSERT(*all.begin() >= 0x10);
  RC_ASSERT(*all.rbegin() < kNullPid);
}

}  // namespace
}  // namespace sluice::mpegts
