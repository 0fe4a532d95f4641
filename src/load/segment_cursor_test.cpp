#include "load/segment_cursor.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::load {
namespace {

using m3u8::MediaPlaylist;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Segments of 4 s, named by their number.
MediaPlaylist classic(std::uint64_t first, int count) {
  MediaPlaylist playlist{.target_duration = 4, .media_sequence = first};
  for (int i = 0; i < count; ++i) {
    playlist.segments.push_back({.uri = std::to_string(first + i) + ".ts", .duration = seconds(4)});
  }
  return playlist;
}

/// `parts` parts of half a second, the first of each two seconds independent, named SEGMENT.PART.
m3u8::Segment with_parts(std::uint64_t msn, int parts, bool complete) {
  m3u8::Segment segment{.map_uri = "init.mp4"};
  if (complete) {
    segment.uri = std::to_string(msn) + ".mp4";
    segment.duration = parts * milliseconds(500);
  }
  for (int i = 0; i < parts; ++i) {
    segment.parts.push_back({.uri = std::to_string(msn) + "." + std::to_string(i),
                             .duration = milliseconds(500),
                             .independent = i % 4 == 0});
  }
  return segment;
}

MediaPlaylist low_latency(int open_parts) {
  MediaPlaylist playlist = classic(10, 5);
  playlist.part_target = milliseconds(500);
  playlist.server_control =
      m3u8::ServerControl{.can_block_reload = true, .hold_back = seconds(12), .part_hold_back = milliseconds(1500)};
  playlist.segments.push_back(with_parts(15, 8, true));
  playlist.open = with_parts(16, open_parts, false);
  playlist.preload_hints = {{.uri = "16." + std::to_string(open_parts)}};
  return playlist;
}

std::vector<std::string> all_of(SegmentCursor& cursor, const MediaPlaylist& playlist) {
  std::vector<std::string> out;
  while (auto item = cursor.next(playlist)) out.push_back(item->uri + (item->fetched ? "!" : ""));
  return out;
}

using Uris = std::vector<std::string>;

TEST(SegmentCursor, BeginsThreeTargetDurationsBeforeTheEdge) {
  SegmentCursor cursor;
  EXPECT_EQ(all_of(cursor, classic(100, 6)), (Uris{"103.ts", "104.ts", "105.ts"}));
  EXPECT_EQ(all_of(cursor, classic(100, 6)), Uris{});
  EXPECT_EQ(all_of(cursor, classic(102, 6)), (Uris{"106.ts", "107.ts"}));
}

TEST(SegmentCursor, BeginsWithTheFirstWhereThereAreFewOrTheStreamHasEnded) {
  SegmentCursor few;
  EXPECT_EQ(all_of(few, classic(7, 2)), (Uris{"7.ts", "8.ts"}));
  SegmentCursor ended;
  auto playlist = classic(1, 9);
  playlist.ended = true;
  EXPECT_EQ(all_of(ended, playlist).size(), 9u);
}

TEST(SegmentCursor, GoesOnWithWhatIsLeftWhenItFellBehind) {
  SegmentCursor cursor;
  all_of(cursor, classic(1, 3));
  EXPECT_EQ(all_of(cursor, classic(50, 2)), (Uris{"50.ts", "51.ts"}));
}

TEST(SegmentCursor, BeginsAtAnIndependentPartAtLeastThePartHoldBackAway) {
  SegmentCursor near;  // 16.0 is 2 s before the edge
  EXPECT_EQ(all_of(near, low_latency(4)), (Uris{"16.0", "16.1", "16.2", "16.3"}));
  SegmentCursor far;  // 16.0 is but 1 s away: the independent part before it
  EXPECT_EQ(all_of(far, low_latency(2)), (Uris{"15.4", "15.5", "15.6", "15.7", "16.0", "16.1"}));
}

TEST(SegmentCursor, FollowsPartsAndKnowsWhatItsHintBrought) {
  SegmentCursor cursor;
  EXPECT_FALSE(cursor.hint(low_latency(4))) << "before it knows where it is";
  all_of(cursor, low_latency(4));
  const auto hint = cursor.hint(low_latency(4));
  ASSERT_TRUE(hint);
  EXPECT_EQ(hint->uri, "16.4");
  EXPECT_EQ(hint->map_uri, "init.mp4");
  EXPECT_FALSE(cursor.hint(low_latency(4))) << "once";
  EXPECT_EQ(all_of(cursor, low_latency(6)), (Uris{"16.4!", "16.5"}));
}

TEST(SegmentCursor, StepsFromPartsToTheNextSegment) {
  SegmentCursor cursor;
  all_of(cursor, low_latency(4));
  auto later = classic(12, 4);                        // up to 15, all without parts by now
  later.segments.push_back(with_parts(16, 8, true));  // as it closed
  later.open = with_parts(17, 1, false);
  EXPECT_EQ(all_of(cursor, later), (Uris{"16.4", "16.5", "16.6", "16.7", "17.0"}));
}

TEST(SegmentCursor, SkipsTheRestOfASegmentWhosePartsAreGone) {
  SegmentCursor cursor;
  all_of(cursor, low_latency(4));
  EXPECT_EQ(all_of(cursor, classic(14, 5)), (Uris{"17.ts", "18.ts"}));
}

TEST(SegmentCursor, BeginsAnywhereForWhoIsToldTo) {
  SegmentCursor cursor(7);
  EXPECT_EQ(all_of(cursor, classic(1, 3)), (Uris{"2.ts", "3.ts"}));
}

TEST(SegmentCursor, HasNothingInAnEmptyPlaylist) {
  SegmentCursor cursor;
  EXPECT_EQ(all_of(cursor, {}), Uris{});
}

}  // namespace
}  // namespace sluice::load
