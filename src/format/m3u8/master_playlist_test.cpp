#include "format/m3u8/master_playlist.hpp"

#include <gtest/gtest.h>

#include "format/m3u8/reader.hpp"

namespace sluice::m3u8 {
namespace {

MasterPlaylist two_languages() {
  MasterPlaylist playlist{.independent_segments = true};
  playlist.renditions = {
      {.group_id = "aac",
       .name = "eng a1",
       .language = "eng",
       .uri = "tracks-a1/mono.ts.m3u8",
       .is_default = true,
       .autoselect = true,
       .channels = 2},
      {.group_id = "aac",
       .name = "deu a2",
       .language = "deu",
       .uri = "tracks-a2/mono.ts.m3u8",
       .autoselect = true,
       .channels = 6},
      {.type = Rendition::Type::subtitles,
       .group_id = "subs",
       .name = "eng t1",
       .language = "eng",
       .uri = "tracks-t1/mono.m3u8",
       .forced = true},
      {.type = Rendition::Type::closed_captions, .group_id = "cc", .name = "CC1", .instream_id = "CC1"}};
  playlist.variants = {{.uri = "tracks-v1/mono.ts.m3u8",
                        .bandwidth = 2'560'000,
                        .average_bandwidth = 2'000'000,
                        .codecs = "avc1.64001f,mp4a.40.2",
                        .width = 1280,
                        .height = 720,
                        .frame_rate = 30'000 / 1001.0,
                        .audio = "aac",
                        .subtitles = "subs",
                        .closed_captions = "cc"},
                       {.uri = "tracks-a1/mono.ts.m3u8", .bandwidth = 128'000}};
  return playlist;
}

TEST(MasterPlaylist, IsWrittenWithTheQueryInEveryUri) {
  EXPECT_EQ(
      render(write(two_languages()), "?token=t"),
      "#EXTM3U\n"
      "#EXT-X-VERSION:4\n"
      "#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"eng a1\",LANGUAGE=\"eng\",DEFAULT=YES,AUTOSELECT=YES,"
      "CHANNELS=\"2\",URI=\"tracks-a1/mono.ts.m3u8?token=t\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"deu a2\",LANGUAGE=\"deu\",DEFAULT=NO,AUTOSELECT=YES,"
      "CHANNELS=\"6\",URI=\"tracks-a2/mono.ts.m3u8?token=t\"\n"
      "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subs\",NAME=\"eng t1\",LANGUAGE=\"eng\",DEFAULT=NO,AUTOSELECT=NO,"
      "FORCED=YES,URI=\"tracks-t1/mono.m3u8?token=t\"\n"
      "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"CC1\",DEFAULT=NO,AUTOSELECT=NO,INSTREAM-ID=\"CC1\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=2560000,AVERAGE-BANDWIDTH=2000000,CODECS=\"avc1.64001f,mp4a.40.2\","
      "RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO=\"aac\",SUBTITLES=\"subs\",CLOSED-CAPTIONS=\"cc\"\n"
      "tracks-v1/mono.ts.m3u8?token=t\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=128000\n"
      "tracks-a1/mono.ts.m3u8?token=t\n");
}

TEST(MasterPlaylist, IsReadBack) {
  auto playlist = two_languages();
  playlist.variants[0].frame_rate = 29.97;  // three decimals
  const auto text = write(playlist).text;
  EXPECT_TRUE(is_master(text));
  const auto parsed = read_master(text);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(*parsed, playlist);
}

TEST(MasterPlaylist, WithoutRenditionsNeedsNoVersion) {
  MasterPlaylist playlist;
  playlist.variants = {{.uri = "tracks-v1a1/mono.m3u8", .bandwidth = 1}};
  EXPECT_EQ(write(playlist).text, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ntracks-v1a1/mono.m3u8\n");
}

TEST(MasterPlaylist, NamesFromTheSourceCannotBreakIt) {
  auto playlist = two_languages();
  playlist.renditions[0].name = "a\"\n#EXT-X-ENDLIST";
  playlist.renditions[0].language = "{$x}\xff";
  const auto parsed = read_master(write(playlist).text);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->renditions[0].name, "a' #EXT-X-ENDLIST");
}

}  // namespace
}  // namespace sluice::m3u8
