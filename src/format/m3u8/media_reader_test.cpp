#include <gtest/gtest.h>

#include "format/m3u8/reader.hpp"

namespace sluice::m3u8 {
namespace {

/// A playlist with `lines` behind a head that is in order.
std::string media(std::string_view lines) { return "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" + std::string(lines); }

std::error_code refused(std::string_view text) {
  const auto parsed = read_media(text);
  return parsed ? std::error_code() : parsed.error();
}

constexpr std::string_view kSegment = "#EXTINF:4.0,\na.ts\n";

TEST(MediaReader, ReadsALowLatencyPlaylist) {
  const auto parsed = read_media(
      "#EXTM3U\r\n"
      "# a comment\r\n"
      "\r\n"
      "#EXT-X-TARGETDURATION:4\r\n"
      "#EXT-X-VERSION:6\r\n"
      "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0,CAN-SKIP-UNTIL=24.0\r\n"
      "#EXT-X-PART-INF:PART-TARGET=0.33334\r\n"
      "#EXT-X-MEDIA-SEQUENCE:264\r\n"
      "#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:28.106Z\r\n"
      "#EXT-X-MAP:URI=\"init.mp4\"\r\n"
      "#EXTINF:4.00008,title, with a comma\r\n"
      "s264.mp4\r\n"
      "#EXT-X-PART:DURATION=0.33334,URI=\"p,265.0.mp4\",INDEPENDENT=YES,NEW-ATTRIBUTE=0xF\r\n"
      "#EXT-X-PART:DURATION=0.33334,URI=\"p265.1.mp4\"\r\n"
      "#EXT-X-GAP\r\n"
      "#EXTINF:4.00008,\r\n"
      "s265.mp4\r\n"
      "#EXT-X-NEW-TAG:1\r\n"
      "#EXT-X-PART:DURATION=0.33334,URI=\"p266.0.mp4\",GAP=YES\r\n"
      "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"p266.1.mp4\"\r\n"
      "#EXT-X-PRELOAD-HINT:TYPE=LATER,URI=\"x\"\r\n"
      "#EXT-X-RENDITION-REPORT:URI=\"../1M/w.php\",LAST-MSN=266,LAST-PART=3\r\n"
      "#EXT-X-RENDITION-REPORT:URI=\"../4M/w.php\"");
  ASSERT_TRUE(parsed) << parsed.error().message();
  const auto& playlist = parsed->playlist;
  EXPECT_EQ(parsed->version, 6u);
  EXPECT_EQ(parsed->required_version, 6u);
  EXPECT_EQ(playlist.media_sequence, 264u);
  EXPECT_EQ(playlist.server_control->can_skip_until, std::chrono::seconds(24));
  EXPECT_EQ(playlist.part_target, Duration(333'340));
  ASSERT_EQ(playlist.segments.size(), 2u);
  EXPECT_EQ(playlist.segments[1].map_uri, "init.mp4") << "in force until the next";
  EXPECT_TRUE(playlist.segments[1].gap);
  EXPECT_EQ(playlist.segments[1].parts[0],
            (Part{.uri = "p,265.0.mp4", .duration = Duration(333'340), .independent = true}));
  ASSERT_TRUE(playlist.open);
  EXPECT_TRUE(playlist.open->parts[0].gap);
  ASSERT_EQ(playlist.preload_hints.size(), 1u) << "hints of unknown type are ignored, section 6.3.8";
  EXPECT_EQ(playlist.rendition_reports[1], (RenditionReport{.uri = "../4M/w.php", .last_msn = 266, .last_part = 0}))
      << "what is left out is as in this playlist, section 4.4.5.4";
}

TEST(MediaReader, CountsSkippedSegments) {
  const auto parsed = read_media(media("#EXT-X-VERSION:9\n#EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n") +
                                 std::string(kSegment));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->skipped_segments, 3u);
  EXPECT_EQ(parsed->required_version, 9u);
}

TEST(MediaReader, RefusesWhatIsNoPlaylist) {
  for (const auto* text :
       {"", "#EXTM3U8\n", "\xef\xbb\xbf#EXTM3U\n", " #EXTM3U\n", "#EXTM3U\x01\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#\x80\n", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n# tab\tin a comment\n",
        "#EXTM3U\r#EXT-X-TARGETDURATION:4\r"}) {
    EXPECT_EQ(refused(text), Errc::not_a_playlist) << text;
  }
  EXPECT_EQ(refused("#EXTM3U\n" + std::string(5 << 20, '#')), Errc::too_large);
}

TEST(MediaReader, RefusesMissingThings) {
  EXPECT_EQ(refused("#EXTM3U\n"), Errc::missing) << "EXT-X-TARGETDURATION";
  EXPECT_EQ(refused(media("a.ts\n")), Errc::missing) << "EXTINF";
  EXPECT_EQ(refused(media("#EXTINF:4,\n")), Errc::missing) << "URI";
  EXPECT_EQ(refused(media("#EXT-X-PART-INF:X=1\n")), Errc::missing);
  EXPECT_EQ(refused(media("#EXT-X-PART:DURATION=1\n")), Errc::missing);
  EXPECT_EQ(refused(media("#EXT-X-PART:URI=\"a\"\n")), Errc::missing);
  EXPECT_EQ(refused(media("#EXT-X-PRELOAD-HINT:TYPE=PART\n")), Errc::missing);
  EXPECT_EQ(refused(media("#EXT-X-SERVER-CONTROL:CAN-SKIP-DATERANGES=YES\n")), Errc::missing);
}

TEST(MediaReader, RefusesMalformedValues) {
  for (const auto* line : {"#EXT-X-VERSION:0",
                           "#EXT-X-VERSION",
                           "#EXT-X-VERSION:x",
                           "#EXT-X-MEDIA-SEQUENCE:-1",
                           "#EXT-X-MEDIA-SEQUENCE:18446744073709551615",
                           "#EXT-X-PLAYLIST-TYPE:LIVE",
                           "#EXT-X-ENDLIST:",
                           "#EXT-X-ENDLIST ",
                           "#EXTINF:4\na.ts",
                           "#EXTINF:,\na.ts",
                           "#EXTINF:-4,\na.ts",
                           "#EXTINF:4,\na b.ts",
                           "#EXT-X-PROGRAM-DATE-TIME:now",
                           "#EXT-X-MAP:URI=\"\"",
                           "#EXT-X-MAP:URI=init.mp4",
                           "#EXT-X-MAP:",
                           "#EXT-X-PART:URI=\"a\",DURATION=\"1\"",
                           "#EXT-X-PART:URI=\"a\",DURATION=1,INDEPENDENT=MAYBE",
                           "#EXT-X-PART:URI=\"a,DURATION=1",
                           "#EXT-X-PART:URI=\"a\"DURATION=1",
                           "#EXT-X-PART:URI=\"a\",DURATION=1,",
                           "#EXT-X-PART: URI=\"a\",DURATION=1",
                           "#EXT-X-PART:uri=\"a\",DURATION=1",
                           "#EXT-X-PART:URI =\"a\",DURATION=1",
                           "#EXT-X-RENDITION-REPORT:URI=\"a\",LAST-MSN=1,LAST-PART=4294967296"}) {
    EXPECT_EQ(refused(media(std::string(line) + "\n")), Errc::bad_value) << line;
  }
  EXPECT_EQ(refused("#EXTM3U\n#EXT-X-TARGETDURATION:0\n"), Errc::bad_value) << "at least 1";
  EXPECT_EQ(refused("#EXTM3U\n#EXT-X-TARGETDURATION:4.5\n"), Errc::bad_value);
}

TEST(MediaReader, RefusesWhatStandsTwice) {
  for (const auto* line :
       {"#EXT-X-VERSION:3", "#EXT-X-MEDIA-SEQUENCE:1", "#EXT-X-DISCONTINUITY-SEQUENCE:1", "#EXT-X-ENDLIST",
        "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-PART-INF:PART-TARGET=1",
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES", "#EXT-X-START:TIME-OFFSET=0", "#EXT-X-DISCONTINUITY",
        "#EXT-X-GAP", "#EXTINF:1,", "#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:28Z"}) {
    EXPECT_EQ(refused(media(std::string(line) + "\n" + line + "\n")), Errc::duplicate) << line;
  }
  EXPECT_EQ(refused(media("#EXT-X-MAP:URI=\"a\",URI=\"b\"\n")), Errc::duplicate);
}

TEST(MediaReader, RefusesMisplacedTags) {
  const std::string segment(kSegment);
  EXPECT_EQ(refused(media(segment + "#EXT-X-MEDIA-SEQUENCE:1\n")), Errc::misplaced);
  EXPECT_EQ(refused(media(segment + "#EXT-X-DISCONTINUITY-SEQUENCE:1\n")), Errc::misplaced);
  EXPECT_EQ(refused(media("#EXT-X-DISCONTINUITY\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n")), Errc::misplaced);
  EXPECT_EQ(refused(media(segment + "#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n")), Errc::misplaced);
  EXPECT_EQ(refused(media("#EXTINF:4,\n#EXT-X-PART:URI=\"a\",DURATION=1\na.ts\n")), Errc::misplaced);
  // Section 4.4.4.9: before the first part of their segment.
  const std::string part = "#EXT-X-PART:URI=\"a\",DURATION=1\n";
  EXPECT_EQ(refused(media(part + "#EXT-X-DISCONTINUITY\n")), Errc::misplaced);
  EXPECT_EQ(refused(media(part + "#EXT-X-MAP:URI=\"i\"\n")), Errc::misplaced);
  EXPECT_EQ(refused(media(part + "#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:28Z\n")), Errc::misplaced);
  // Section 4.4.6: not both kinds in one.
  EXPECT_EQ(refused(media("#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n")), Errc::misplaced);
}

TEST(MediaReader, RefusesWhatItCannotModelAndPassesOverWhatDoesNotMatter) {
  for (const auto* line : {"#EXT-X-KEY:METHOD=NONE", "#EXT-X-BYTERANGE:1@0", "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"",
                           "#EXT-X-I-FRAMES-ONLY", "#EXT-X-MAP:URI=\"a\",BYTERANGE=\"1@0\"",
                           "#EXT-X-PART:URI=\"a\",DURATION=1,BYTERANGE=\"1@0\"",
                           "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"a\",BYTERANGE-START=0"}) {
    EXPECT_EQ(refused(media(std::string(line) + "\n")), Errc::unsupported) << line;
  }
  EXPECT_EQ(refused(media("#EXT-X-DATERANGE:ID=\"a\"\n#EXT-X-BITRATE:100\n#EXT-X-START:TIME-OFFSET=1\n")),
            std::error_code());
}

TEST(MediaReader, BoundsTheNumberOfEntries) {
  std::string many;
  for (int i = 0; i < 100'001; ++i) many += "#EXTINF:4,\na\n";
  EXPECT_EQ(refused(media(many)), Errc::too_large);
}

TEST(MediaReader, TellsTheLine) {
  std::size_t line = 0;
  EXPECT_FALSE(read_media("#EXTM3U\n#EXT-X-TARGETDURATION:4\n\n#EXTINF:x,\na.ts\n", &line));
  EXPECT_EQ(line, 4u);
}

TEST(MediaReader, EveryPrefixIsRefusedOrAPlaylist) {
  const std::string whole =
      media("#EXT-X-PART-INF:PART-TARGET=1\n#EXT-X-MAP:URI=\"i\"\n#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:28Z\n") +
      "#EXT-X-PART:URI=\"a\",DURATION=1\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto parsed = read_media(std::string_view(whole).substr(0, n));
    if (parsed) EXPECT_TRUE(read_media(write(parsed->playlist).text)) << n;
  }
}

}  // namespace
}  // namespace sluice::m3u8
