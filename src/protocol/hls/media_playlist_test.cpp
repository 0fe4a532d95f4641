#include "protocol/hls/media_playlist.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "format/m3u8/checker.hpp"
#include "protocol/hls/test_listing.hpp"

namespace sluice::hls {
namespace {

using std::chrono::milliseconds;
using stream::Listing;
using test::live_listing;
using test::make_run;
using test::SegmentMaker;

stream::View view(std::vector<std::string> ids) { return {.track_ids = std::move(ids)}; }

std::string text(const Listing& listing, const MediaPlaylistOptions& options) {
  return m3u8::write(media_playlist(listing, options)).text;
}

std::shared_ptr<const stream::Run> av(std::uint64_t discontinuity = 7) {
  return make_run(stream::test::tracks({"h264", "aac"}), discontinuity);
}

TEST(MediaPlaylist, TransportStream) {
  EXPECT_EQ(text(live_listing(av()), {.container = Container::ts, .tracks = view({"v1", "a1"})}),
            "#EXTM3U\n"
            "#EXT-X-VERSION:3\n"
            "#EXT-X-TARGETDURATION:3\n"
            "#EXT-X-MEDIA-SEQUENCE:10\n"
            "#EXT-X-DISCONTINUITY-SEQUENCE:7\n"
            "#EXT-X-INDEPENDENT-SEGMENTS\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-03-22T08:07:00.000Z\n"
            "#EXTINF:2.000,\n"
            "2026/03/22/08/07/00-02000.ts\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-03-22T08:07:02.000Z\n"
            "#EXTINF:2.000,\n"
            "2026/03/22/08/07/02-02000.ts\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-03-22T08:07:04.000Z\n"
            "#EXTINF:2.000,\n"
            "2026/03/22/08/07/04-02000.ts\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-03-22T08:07:06.000Z\n"
            "#EXTINF:2.000,\n"
            "2026/03/22/08/07/06-02000.ts\n");
}

TEST(MediaPlaylist, CmafNamesItsInitAndTakesTheBase) {
  const auto playlist = media_playlist(
      live_listing(av()), {.container = Container::cmaf, .tracks = view({"v1", "a1"}), .base = "https://cdn/x/"});
  ASSERT_EQ(playlist.segments.size(), 4u);
  const Bytes init = init_segment(*av(), std::vector<std::uint32_t>{0, 1});
  EXPECT_EQ(playlist.segments[0].map_uri, fmt::format("https://cdn/x/init-{:016x}.mp4", init_hash(init)));
  EXPECT_EQ(playlist.segments[0].uri, "https://cdn/x/2026/03/22/08/07/00-02000.m4s");
  EXPECT_FALSE(playlist.open);
  EXPECT_FALSE(playlist.server_control);
}

TEST(MediaPlaylist, TextIsSegmentsOfItsOwn) {
  const auto run = make_run(stream::test::tracks({"h264", "webvtt"}));
  const auto uri = [&](Container container) {
    return media_playlist(live_listing(run), {.container = container, .tracks = view({"t1"})}).segments[0];
  };
  EXPECT_EQ(uri(Container::ts).uri, "2026/03/22/08/07/00-02000.ts.vtt");
  EXPECT_EQ(uri(Container::cmaf).uri, "2026/03/22/08/07/00-02000.vtt");
  EXPECT_EQ(uri(Container::low_latency).uri, "segment-10.vtt");
  EXPECT_EQ(uri(Container::cmaf).map_uri, "");
  EXPECT_TRUE(uri(Container::low_latency).parts.empty());
}

TEST(MediaPlaylist, LowLatencyListsPartsUpToTheEdge) {
  auto listing = live_listing(av(), 0.5);
  listing.segments.erase(listing.segments.begin(), listing.segments.begin() + 3);  // 12, 13 and the open 14
  const MediaPlaylistOptions options{
      .container = Container::low_latency, .tracks = view({"a1"}), .reported = view({"v1", "a1"})};
  EXPECT_EQ(text(listing, options),
            "#EXTM3U\n"
            "#EXT-X-VERSION:6\n"
            "#EXT-X-TARGETDURATION:3\n"
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=18.000,PART-HOLD-BACK=0.606\n"
            "#EXT-X-PART-INF:PART-TARGET=0.202\n"
            "#EXT-X-MEDIA-SEQUENCE:13\n"
            "#EXT-X-DISCONTINUITY-SEQUENCE:7\n"
            "#EXT-X-INDEPENDENT-SEGMENTS\n"
            "#EXT-X-MAP:URI=\"" +
                media_playlist(listing, options).segments[0].map_uri +
                "\"\n"
                // The audio frame that straddles the cut belongs to the segment before it.
                "#EXT-X-PROGRAM-DATE-TIME:2026-03-22T08:07:06.005Z\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1301.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1302.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1303.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1304.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1305.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1306.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1307.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1308.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1309.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1310.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.085333,URI=\"part-7-1311.m4s\",INDEPENDENT=YES\n"
                "#EXTINF:2.005,\n"
                "segment-13.m4s\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-03-22T08:07:08.011Z\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1401.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PART:DURATION=0.192,URI=\"part-7-1402.m4s\",INDEPENDENT=YES\n"
                "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"part-7-1403.m4s\"\n"
                "#EXT-X-RENDITION-REPORT:URI=\"../tracks-v1/index.ll.m3u8\",LAST-MSN=14,LAST-PART=1\n");
}

TEST(MediaPlaylist, ListsATrackThatIsCompleteBeforeOthersAre) {
  auto listing = live_listing(av(), 0);
  auto waiting = std::make_shared<stream::Segment>(*listing.segments.back());
  waiting->complete = false;
  waiting->tracks[1].complete = false;
  listing.segments.back() = waiting;
  listing.segments.push_back(SegmentMaker(av()).make(14, 0.3));

  const Edge video = edge_of(listing, view({"v1"}), Container::low_latency);
  EXPECT_EQ(video.next, 14u);
  EXPECT_EQ(video.parts, 1u);
  EXPECT_EQ(video.last_parts, 10u);
  const Edge audio = edge_of(listing, view({"a1"}), Container::low_latency);
  EXPECT_EQ(audio.next, 13u);
  EXPECT_EQ(audio.parts, 11u);
  EXPECT_EQ(edge_of(listing, view({"v1"}), Container::cmaf).next, 13u) << "its name is not known yet";
}

TEST(MediaPlaylist, PartsOfOldSegmentsAreLeftOut) {
  auto listing = live_listing(av(), 0.5);
  listing.target_duration = std::chrono::seconds(1);
  const auto playlist = media_playlist(listing, {.container = Container::low_latency, .tracks = view({"v1"})});
  ASSERT_EQ(playlist.segments.size(), 4u);
  EXPECT_TRUE(playlist.segments[0].parts.empty()) << "ends 4.4 s before the end";
  EXPECT_TRUE(!playlist.segments[2].parts.empty()) << "ends 2.4 s before the end";
}

TEST(MediaPlaylist, ARunBeginsWithADiscontinuityThatStaysWithItsSegment) {
  auto listing = live_listing(av(7), 0);
  const auto next = make_run(stream::test::tracks({"aac", "h264"}), 8);  // the tracks in another order
  auto first = SegmentMaker(next).make(14);
  first->begins_run = true;
  listing.segments.push_back(first);
  listing.segments.push_back(SegmentMaker(next).make(15));

  const MediaPlaylistOptions options{.container = Container::cmaf, .tracks = view({"v1", "a1"})};
  auto playlist = media_playlist(listing, options);
  EXPECT_EQ(playlist.discontinuity_sequence, 7u);
  EXPECT_TRUE(playlist.segments[4].discontinuity);
  EXPECT_NE(playlist.segments[4].map_uri, playlist.segments[3].map_uri) << "other track numbers";

  listing.first_listed = 5;
  playlist = media_playlist(listing, options);
  EXPECT_EQ(playlist.media_sequence, 14u);
  EXPECT_TRUE(playlist.segments[0].discontinuity);
  EXPECT_EQ(playlist.discontinuity_sequence, 7u);
  listing.first_listed = 6;
  playlist = media_playlist(listing, options);
  EXPECT_FALSE(playlist.segments[0].discontinuity);
  EXPECT_EQ(playlist.discontinuity_sequence, 8u);
}

TEST(MediaPlaylist, ATrackWithoutFramesIsAGap) {
  auto listing = live_listing(av(), 0);
  auto silent = std::make_shared<stream::Segment>(*listing.segments[2]);
  silent->tracks[1] = {.complete = true};
  listing.segments[2] = silent;
  listing.segments[3] = SegmentMaker(make_run(stream::test::tracks({"h264"}), 7)).make(12);
  const auto audio = media_playlist(listing, {.container = Container::low_latency, .tracks = view({"a1"})});
  EXPECT_FALSE(audio.segments[0].gap);
  EXPECT_TRUE(audio.segments[1].gap);
  EXPECT_EQ(audio.segments[1].duration, milliseconds(2000));
  EXPECT_TRUE(audio.segments[2].gap) << "the run has no such track";
  const auto both = media_playlist(listing, {.container = Container::ts, .tracks = view({"v1", "a1"})});
  EXPECT_FALSE(both.segments[1].gap);
}

TEST(MediaPlaylist, DoesNotClaimThatDependentSegmentsAreIndependent) {
  auto listing = live_listing(av(), 0);
  auto cut = std::make_shared<stream::Segment>(*listing.segments[2]);
  cut->tracks[0].dependent = true;
  listing.segments[2] = cut;
  EXPECT_FALSE(
      media_playlist(listing, {.container = Container::ts, .tracks = view({"v1", "a1"})}).independent_segments);
  EXPECT_TRUE(media_playlist(listing, {.container = Container::ts, .tracks = view({"a1"})}).independent_segments);
}

TEST(MediaPlaylist, AnEndedOneHasNoEdge) {
  auto listing = live_listing(av(), 0);
  listing.ended = true;
  const auto playlist = media_playlist(
      listing, {.container = Container::low_latency, .tracks = view({"v1"}), .reported = view({"v1", "a1"})});
  EXPECT_TRUE(playlist.ended);
  EXPECT_TRUE(playlist.preload_hints.empty());
  EXPECT_TRUE(playlist.rendition_reports.empty());
}

TEST(MediaPlaylist, BeginsWithAWholeSegmentAndAKnownTarget) {
  auto listing = live_listing(av());
  EXPECT_TRUE(can_begin(listing));
  listing.target_duration = {};
  EXPECT_FALSE(can_begin(listing));
  EXPECT_FALSE(can_begin(Listing{}));
  EXPECT_FALSE(can_begin(test::listing_of({SegmentMaker(av()).make(9, 1)})));
}

TEST(NextPart, GoesOnThroughSegmentsAndRuns) {
  auto listing = live_listing(av(7), 0);
  EXPECT_EQ(next_part(listing, view({"v1"}))->sequence, 1311u);
  auto begins = SegmentMaker(av(8)).make(14, 0);
  listing.segments.push_back(begins);
  const auto next = next_part(listing, view({"v1"}));
  EXPECT_EQ(next->discontinuity, 8u);
  EXPECT_EQ(next->sequence, 1311u);
  EXPECT_FALSE(next_part(listing, view({"v1", "a1"})));
  EXPECT_FALSE(next_part(Listing{}, view({"v1"})));
}

}  // namespace
}  // namespace sluice::hls
