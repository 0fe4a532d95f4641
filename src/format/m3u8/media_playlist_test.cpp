#include "format/m3u8/media_playlist.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/m3u8/reader.hpp"

namespace sluice::m3u8 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr UtcTime kStart{std::chrono::sys_seconds(seconds(1'786'697'584))};  // 2026-08-14T08:53:04Z

Segment segment(std::string uri, Duration duration) {
  Segment made;
  made.uri = std::move(uri);
  made.duration = duration;
  return made;
}

/// Four segments of 4 s in fMP4, the last with parts of 2 s, and one part of the next.
MediaPlaylist low_latency() {
  MediaPlaylist playlist{.target_duration = 5, .media_sequence = 38530, .independent_segments = true};
  playlist.server_control =
      ServerControl{.can_block_reload = true, .can_skip_until = seconds(30), .part_hold_back = milliseconds(6006)};
  playlist.part_target = milliseconds(2002);
  for (int i = 0; i < 4; ++i) {
    auto added = segment("s" + std::to_string(i) + ".fmp4", seconds(4));
    added.program_date_time = kStart + seconds(4 * i);
    added.map_uri = "init.mp4";
    playlist.segments.push_back(std::move(added));
  }
  playlist.segments[3].parts = {{.uri = "s3-0.m4s", .duration = seconds(2), .independent = true},
                                {.uri = "s3-1.m4s", .duration = seconds(2)}};
  playlist.open = Segment{.program_date_time = kStart + seconds(16), .map_uri = "init.mp4"};
  playlist.open->parts = {{.uri = "s4-0.m4s", .duration = milliseconds(1234), .independent = true, .gap = true}};
  playlist.preload_hints = {{.type = PreloadHint::Type::part, .uri = "s4-1.m4s"}};
  playlist.rendition_reports = {{.uri = "../a1/index.m3u8", .last_msn = 38534, .last_part = 0}};
  return playlist;
}

TEST(MediaPlaylist, TransportStreamLiveIsWrittenAsPlayersKnowIt) {
  MediaPlaylist playlist{.target_duration = 7, .media_sequence = 38530};
  playlist.segments = {segment("2022/03/22/08/06/37-05000.ts", seconds(5)),
                       segment("2022/03/22/08/06/42-05000.ts", seconds(5))};
  playlist.segments[0].program_date_time = kStart;
  playlist.segments[1].discontinuity = true;
  const auto written = write(playlist);
  EXPECT_EQ(written.text,
            "#EXTM3U\n"
            "#EXT-X-VERSION:3\n"
            "#EXT-X-TARGETDURATION:7\n"
            "#EXT-X-MEDIA-SEQUENCE:38530\n"
            "#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-08-14T08:53:04.000Z\n"
            "#EXTINF:5.000,\n"
            "2022/03/22/08/06/37-05000.ts\n"
            "#EXT-X-DISCONTINUITY\n"
            "#EXTINF:5.000,\n"
            "2022/03/22/08/06/42-05000.ts\n");
  EXPECT_EQ(written.holes.size(), 2u);
}

TEST(MediaPlaylist, LowLatencyHasAllItsTagsInTheirPlaces) {
  EXPECT_EQ(render(write(low_latency()), "?token=t"),
            "#EXTM3U\n"
            "#EXT-X-VERSION:6\n"
            "#EXT-X-TARGETDURATION:5\n"
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=30.000,PART-HOLD-BACK=6.006\n"
            "#EXT-X-PART-INF:PART-TARGET=2.002\n"
            "#EXT-X-MEDIA-SEQUENCE:38530\n"
            "#EXT-X-INDEPENDENT-SEGMENTS\n"
            "#EXT-X-MAP:URI=\"init.mp4?token=t\"\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-08-14T08:53:04.000Z\n"
            "#EXTINF:4.000,\n"
            "s0.fmp4?token=t\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-08-14T08:53:08.000Z\n"
            "#EXTINF:4.000,\n"
            "s1.fmp4?token=t\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-08-14T08:53:12.000Z\n"
            "#EXTINF:4.000,\n"
            "s2.fmp4?token=t\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-08-14T08:53:16.000Z\n"
            "#EXT-X-PART:DURATION=2.000,URI=\"s3-0.m4s?token=t\",INDEPENDENT=YES\n"
            "#EXT-X-PART:DURATION=2.000,URI=\"s3-1.m4s?token=t\"\n"
            "#EXTINF:4.000,\n"
            "s3.fmp4?token=t\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-08-14T08:53:20.000Z\n"
            "#EXT-X-PART:DURATION=1.234,URI=\"s4-0.m4s?token=t\",INDEPENDENT=YES,GAP=YES\n"
            "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"s4-1.m4s?token=t\"\n"
            "#EXT-X-RENDITION-REPORT:URI=\"../a1/index.m3u8?token=t\",LAST-MSN=38534,LAST-PART=0\n");
}

TEST(MediaPlaylist, MapIsWrittenWhereItChanges) {
  auto playlist = low_latency();
  playlist.segments[2].map_uri = playlist.segments[3].map_uri = playlist.open->map_uri = "init2.mp4";
  const auto text = write(playlist).text;
  EXPECT_EQ(text.find("init2.mp4"), text.rfind("init2.mp4"));
  EXPECT_LT(text.find("s1.fmp4"), text.find("init2.mp4"));
}

TEST(MediaPlaylist, EndedPlaylistHasNoEdge) {
  auto playlist = low_latency();
  playlist.ended = true;
  playlist.type = PlaylistType::vod;
  const auto text = write(playlist).text;
  EXPECT_TRUE(text.ends_with("#EXT-X-ENDLIST\n"));
  EXPECT_FALSE(text.contains("PRELOAD-HINT")) << "section 4.4.5.3";
  EXPECT_FALSE(text.contains("s4-0"));
  EXPECT_TRUE(text.contains("#EXT-X-PLAYLIST-TYPE:VOD\n"));
}

TEST(MediaPlaylist, UriWithAQueryOfItsOwnGetsNoHole) {
  MediaPlaylist playlist;
  playlist.segments = {segment("https://cdn.example/s.ts?key=1", seconds(1)),
                       segment("https://cdn.example/s.ts", seconds(1))};
  EXPECT_TRUE(render(write(playlist), "?t=1").contains("s.ts?key=1\n"));
  EXPECT_TRUE(render(write(playlist), "?t=1").contains("s.ts?t=1\n"));
}

TEST(MediaPlaylist, SkippableIsWhatEndsBeyondTheBoundary) {
  auto playlist = low_latency();
  playlist.segments.assign(12, segment("s.ts", seconds(4)));
  playlist.server_control->can_skip_until = seconds(30);
  // Segment 3 ends 32 s before the end, segment 4 ends 28 s before it.
  EXPECT_EQ(skippable(playlist), 4u);
  playlist.server_control->can_skip_until = seconds(32);
  EXPECT_EQ(skippable(playlist), 3u) << "further than the boundary, not at it";
  playlist.server_control->can_skip_until = seconds(48);
  EXPECT_EQ(skippable(playlist), 0u);
  playlist.server_control->can_skip_until = {};
  EXPECT_EQ(skippable(playlist), 0u);
  playlist.server_control->can_skip_until = seconds(1);
  playlist.ended = true;
  EXPECT_EQ(skippable(playlist), 0u) << "section 6.2.5.1: not behind EXT-X-ENDLIST";
}

TEST(MediaPlaylist, DeltaReplacesSegmentsWithTheirTags) {
  auto playlist = low_latency();
  playlist.server_control->can_skip_until = seconds(7);
  playlist.segments[0].discontinuity = true;
  const auto text = write_delta(playlist).text;
  EXPECT_TRUE(text.contains("#EXT-X-VERSION:9\n"));
  EXPECT_TRUE(
      text.contains("#EXT-X-DISCONTINUITY-SEQUENCE:0\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n"
                    "#EXT-X-PROGRAM-DATE-TIME:2026-08-14T08:53:12.000Z\n#EXTINF:4.000,\ns2.fmp4\n"))
      << text;
  EXPECT_FALSE(text.contains("EXT-X-MAP")) << "the client has it from the skipped segments";
  playlist.segments[2].map_uri = "other.mp4";
  EXPECT_TRUE(write_delta(playlist).text.contains("#EXT-X-MAP:URI=\"other.mp4\"\n"));
  playlist.server_control->can_skip_until = seconds(60);
  EXPECT_EQ(write_delta(playlist), write(playlist)) << "nothing to skip";
}

TEST(MediaPlaylist, EdgeIsTheNewestPartOrSegment) {
  auto playlist = low_latency();
  EXPECT_EQ(edge_of(playlist), (Edge{.msn = 38534, .part = 0}));
  playlist.open.reset();
  EXPECT_EQ(edge_of(playlist), (Edge{.msn = 38533, .part = 1}));
  playlist.segments[3].parts.clear();
  EXPECT_EQ(edge_of(playlist), (Edge{.msn = 38533, .part = std::nullopt}));
  playlist.segments.clear();
  EXPECT_EQ(edge_of(playlist), std::nullopt);
  EXPECT_LT((Edge{.msn = 1, .part = std::nullopt}), (Edge{.msn = 1, .part = 0}));
  EXPECT_LT((Edge{.msn = 1, .part = 9}), (Edge{.msn = 2, .part = std::nullopt}));
}

// Generated playlists, as far as their parts can be told apart in text.

rc::Gen<std::string> uris() {
  return rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc012/-._%~"))));
}
rc::Gen<Duration> durations(std::int64_t unit_us) {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(0, 20'000'000 / unit_us),
                      [unit_us](std::int64_t n) { return Duration(n * unit_us); });
}

Part any_part() {
  return {.uri = *uris(),
          .duration = *durations(1),
          .independent = *rc::gen::arbitrary<bool>(),
          .gap = *rc::gen::arbitrary<bool>()};
}

Segment any_segment(const std::string& map_uri) {
  Segment made = segment(*uris(), *durations(1000));
  if (*rc::gen::arbitrary<bool>()) made.program_date_time = kStart + milliseconds(*rc::gen::inRange(0, 1'000'000));
  made.discontinuity = *rc::gen::arbitrary<bool>();
  made.gap = *rc::gen::arbitrary<bool>();
  made.map_uri = map_uri;
  for (int n = *rc::gen::inRange(0, 4); n > 0; --n) made.parts.push_back(any_part());
  return made;
}

MediaPlaylist any_playlist() {
  MediaPlaylist playlist{.target_duration = *rc::gen::inRange<std::uint32_t>(1, 100),
                         .media_sequence = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000),
                         .discontinuity_sequence = *rc::gen::inRange<std::uint64_t>(0, 3),
                         .independent_segments = *rc::gen::arbitrary<bool>(),
                         .ended = *rc::gen::arbitrary<bool>()};
  if (*rc::gen::arbitrary<bool>()) playlist.type = *rc::gen::element(PlaylistType::event, PlaylistType::vod);
  if (*rc::gen::arbitrary<bool>()) {
    playlist.server_control = ServerControl{.can_block_reload = true,
                                            .can_skip_until = *durations(1),
                                            .hold_back = *durations(1),
                                            .part_hold_back = *durations(1)};
  }
  playlist.part_target = *durations(1);
  std::string map_uri = *rc::gen::element<std::string>("", "init.mp4");
  for (int n = *rc::gen::inRange(0, 8); n > 0; --n) {
    if (*rc::gen::inRange(0, 4) == 0) map_uri = *uris();
    playlist.segments.push_back(any_segment(map_uri));
  }
  if (playlist.ended) return playlist;
  if (*rc::gen::arbitrary<bool>()) {
    playlist.open = any_segment(map_uri);
    playlist.open->uri.clear();
    playlist.open->duration = {};
    playlist.open->gap = false;
    playlist.open->parts.push_back(any_part());
  }
  playlist.preload_hints = {
      {.type = *rc::gen::element(PreloadHint::Type::part, PreloadHint::Type::map), .uri = *uris()}};
  playlist.rendition_reports = {{.uri = *uris(),
                                 .last_msn = *rc::gen::arbitrary<std::uint32_t>(),
                                 .last_part = *rc::gen::arbitrary<std::uint16_t>()},
                                {.uri = *uris(), .last_msn = 1, .last_part = std::nullopt}};
  return playlist;
}

RC_GTEST_PROP(MediaPlaylist, WhatIsWrittenIsReadBack, ()) {
  const auto playlist = any_playlist();
  const auto parsed = read_media(write(playlist).text);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->playlist == playlist);
  RC_ASSERT(parsed->skipped_segments == 0u);
  RC_ASSERT(parsed->version >= parsed->required_version);
}

RC_GTEST_PROP(MediaPlaylist, DeltaAndPreviousMakeTheWhole, ()) {
  auto playlist = any_playlist();
  playlist.server_control = ServerControl{.can_skip_until = *durations(1) + Duration(1)};
  const auto skipped = skippable(playlist);
  const auto parsed = read_media(write_delta(playlist).text);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->skipped_segments == skipped);
  RC_ASSERT(parsed->version >= parsed->required_version);
  RC_CLASSIFY(skipped > 0);
  for (std::size_t i = 0; i < skipped; ++i) playlist.segments[i].parts.clear();
  RC_ASSERT(merge(playlist, *parsed).value() == playlist);
}

RC_GTEST_PROP(MediaPlaylist, HolesStandBehindEveryUri, ()) {
  const auto playlist = any_playlist();
  const auto plain = read_media(write(playlist).text);
  const auto with_query = read_media(render(write(playlist), "?q"));
  RC_ASSERT(with_query.has_value());
  for (std::size_t i = 0; i < playlist.segments.size(); ++i) {
    RC_ASSERT(with_query->playlist.segments[i].uri == plain->playlist.segments[i].uri + "?q");
    for (std::size_t p = 0; p < playlist.segments[i].parts.size(); ++p) {
      RC_ASSERT(with_query->playlist.segments[i].parts[p].uri == plain->playlist.segments[i].parts[p].uri + "?q");
    }
  }
  for (std::size_t i = 0; i < playlist.rendition_reports.size(); ++i) {
    RC_ASSERT(with_query->playlist.rendition_reports[i].uri == plain->playlist.rendition_reports[i].uri + "?q");
  }
}

}  // namespace
}  // namespace sluice::m3u8
