#include "protocol/hls/listed_parts.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "protocol/hls/test_listing.hpp"

namespace sluice::hls {
namespace {

using test::kPartTarget;
using test::kSegment;

class ListedPartsTest : public testing::Test {
 protected:
  /// Segment 12, followed by 13.
  static constexpr std::size_t kIndex = 3;

  void change(const std::function<void(stream::TrackSegment&)>& f) {
    auto changed = std::make_shared<stream::Segment>(*listing_.segments[kIndex]);
    f(changed->tracks[0]);
    listing_.segments[kIndex] = changed;
  }
  std::vector<ListedPart> listed() const { return listed_parts(listing_, kIndex, 0); }
  static Ticks sum(const std::vector<ListedPart>& parts) {
    return std::accumulate(parts.begin(), parts.end(), Ticks(),
                           [](Ticks all, const ListedPart& part) { return all + part.duration; });
  }

  stream::Listing listing_ = test::live_listing(test::make_run(stream::test::tracks({"h264"})), 0);
};

TEST_F(ListedPartsTest, AreThoseThatAreStored) {
  ASSERT_EQ(listed().size(), 10u);
  for (const ListedPart& part : listed()) EXPECT_NE(part.stored, nullptr);
}

TEST_F(ListedPartsTest, AGapIsListedWhereverItIs) {
  change([](stream::TrackSegment& track) {
    track.parts.erase(track.parts.begin() + 7, track.parts.end());        // 0.6 s at the end
    track.parts.erase(track.parts.begin() + 3, track.parts.begin() + 5);  // 0.4 s in the middle
    track.parts[3].gap_before = true;
    track.parts.erase(track.parts.begin());  // 0.2 s at the beginning
    track.parts[0].gap_before = true;
  });
  const auto parts = listed();
  EXPECT_EQ(sum(parts), kSegment);
  const auto gaps = std::ranges::count(parts, nullptr, &ListedPart::stored);
  EXPECT_EQ(gaps, 1 + 2 + 3);
  EXPECT_EQ(parts[0].stored, nullptr);
  for (const ListedPart& part : parts) EXPECT_LE(part.duration, kPartTarget);
}

TEST_F(ListedPartsTest, AGapAtTheEndShowsWhenTheTrackIsComplete) {
  change([](stream::TrackSegment& track) {
    track.parts.pop_back();
    track.complete = false;
  });
  EXPECT_EQ(listed().size(), 9u);
  change([](stream::TrackSegment& track) { track.complete = true; });
  EXPECT_EQ(listed().size(), 10u);
}

TEST_F(ListedPartsTest, AStampThatWasRoundedIsNoGap) {
  change([](stream::TrackSegment& track) {
    track.parts[4].dts += Ticks(90);
    track.parts[4].gap_before = true;
  });
  EXPECT_EQ(listed().size(), 10u);
}

TEST_F(ListedPartsTest, NothingGoesOnIntoAnotherRun) {
  change([](stream::TrackSegment& track) { track.parts.pop_back(); });
  auto next = std::make_shared<stream::Segment>(*listing_.segments[kIndex + 1]);
  next->run = test::make_run(stream::test::tracks({"h264"}), 1);
  listing_.segments[kIndex + 1] = next;
  EXPECT_EQ(listed().size(), 9u);
}

TEST_F(ListedPartsTest, WithoutAStoredPartThereIsNone) {
  change([](stream::TrackSegment& track) { track.parts.clear(); });
  EXPECT_TRUE(listed().empty());
}

}  // namespace
}  // namespace sluice::hls
