#include <gtest/gtest.h>

#include "format/m3u8/reader.hpp"

namespace sluice::m3u8 {
namespace {

TEST(Merge, RefusesSkippedSegmentsThatAreNotKnown) {
  MediaPlaylist previous{.media_sequence = 10};
  previous.segments.resize(5);
  ParsedMedia update;
  update.skipped_segments = 3;
  update.playlist.media_sequence = 12;
  EXPECT_TRUE(merge(previous, update)) << "12, 13, 14";
  update.playlist.media_sequence = 13;
  EXPECT_EQ(merge(previous, update).error(), Errc::skip_gap) << "15 is not known";
  update.playlist.media_sequence = 9;
  EXPECT_EQ(merge(previous, update).error(), Errc::skip_gap) << "9 is not known any more";
  update.playlist.media_sequence = 16;
  EXPECT_EQ(merge(previous, update).error(), Errc::skip_gap);
}

}  // namespace
}  // namespace sluice::m3u8
