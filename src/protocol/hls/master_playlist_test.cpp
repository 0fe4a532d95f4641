#include "protocol/hls/master_playlist.hpp"

#include <gtest/gtest.h>

#include "format/m3u8/rules.hpp"
#include "protocol/hls/pieces.hpp"
#include "protocol/hls/test_listing.hpp"

namespace sluice::hls {
namespace {

using stream::test::track;

std::string text(const media::Tracks& tracks, const MasterPlaylistOptions& options) {
  const auto playlist = master_playlist(test::live_listing(test::make_run(tracks)), options);
  EXPECT_TRUE(m3u8::check(playlist).empty());
  return m3u8::write(playlist).text;
}

media::Tracks av() { return stream::test::tracks({"h264", "aac"}); }
media::Tracks rich() {
  return stream::test::tracks(
      {track("h264"), track("h264"), track("aac", "eng"), track("aac", "deu"), track("webvtt", "eng"), track("klv")});
}

TEST(MasterPlaylist, OneAudioIsMuxed) {
  EXPECT_EQ(text(av(), {.container = Container::cmaf}),
            "#EXTM3U\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=69168,AVERAGE-BANDWIDTH=69068,CODECS=\"avc1.64001f,mp4a.40.2\","
            "RESOLUTION=640x360,FRAME-RATE=25.000\n"
            "tracks-v1a1/index.fmp4.m3u8\n");
}

TEST(MasterPlaylist, BandwidthIsWhatTheSegmentsNeed) {
  const auto listing = test::live_listing(test::make_run(av()), 0);
  const auto playlist = master_playlist(listing, {.container = Container::ts});
  std::uint64_t peak = 0;
  for (const auto& segment : listing.segments) {
    peak = std::max<std::uint64_t>(peak, make_ts(*segment, std::vector<std::uint32_t>{0, 1}, {})->size() * 8 / 2);
  }
  EXPECT_GE(playlist.variants[0].bandwidth, peak);
  EXPECT_LE(playlist.variants[0].bandwidth, peak * 3 / 2);
}

TEST(MasterPlaylist, LowLatencyKeepsTracksApart) {
  const auto playlist = text(av(), {.container = Container::low_latency});
  EXPECT_NE(playlist.find("URI=\"tracks-a1/index.ll.m3u8\""), std::string::npos);
  EXPECT_NE(playlist.find("\ntracks-v1/index.ll.m3u8\n"), std::string::npos);
  EXPECT_NE(playlist.find("AUDIO=\"audio\""), std::string::npos);
}

TEST(MasterPlaylist, SeparateAudioAndAnAudioOnlyVariant) {
  const auto playlist = master_playlist(test::live_listing(test::make_run(av())),
                                        {.container = Container::ts, .separate_audio = true, .audio_only = true});
  ASSERT_EQ(playlist.renditions.size(), 1u);
  EXPECT_EQ(playlist.renditions[0].uri, "tracks-a1/mono.ts.m3u8");
  ASSERT_EQ(playlist.variants.size(), 2u);
  EXPECT_EQ(playlist.variants[0].uri, "tracks-v1/mono.ts.m3u8");
  EXPECT_EQ(playlist.variants[1].uri, "tracks-a1/mono.ts.m3u8");
  EXPECT_EQ(playlist.variants[1].codecs, "mp4a.40.2");
  EXPECT_EQ(playlist.variants[1].audio, "audio");
  EXPECT_GT(playlist.variants[0].bandwidth, playlist.variants[1].bandwidth);
}

TEST(MasterPlaylist, SeveralTracksBecomeVariantsAndRenditions) {
  const auto playlist = master_playlist(test::live_listing(test::make_run(rich())), {.container = Container::ts});
  ASSERT_EQ(playlist.variants.size(), 2u);
  EXPECT_EQ(playlist.variants[1].uri, "tracks-v2d1/mono.ts.m3u8") << "the events of klv ride with the picture";
  EXPECT_EQ(playlist.variants[1].codecs, "avc1.64001f,mp4a.40.2,wvtt");
  EXPECT_EQ(playlist.variants[1].subtitles, "subs");
  ASSERT_EQ(playlist.renditions.size(), 3u);
  EXPECT_EQ(playlist.renditions[0].name, "eng a1");
  EXPECT_EQ(playlist.renditions[0].language, "eng");
  EXPECT_TRUE(playlist.renditions[0].is_default);
  EXPECT_FALSE(playlist.renditions[1].is_default);
  EXPECT_EQ(playlist.renditions[1].name, "deu a2");
  EXPECT_EQ(playlist.renditions[2].type, m3u8::Rendition::Type::subtitles);
  EXPECT_EQ(playlist.renditions[2].uri, "tracks-t1/mono.ts.m3u8");
  EXPECT_TRUE(m3u8::check(playlist).empty());
}

TEST(MasterPlaylist, EventsAreInMpegTsAlone) {
  auto tracks = av();
  tracks.push_back(track("id3"));
  media::assign_ids(tracks);
  const auto of = [&](Container container) { return text(tracks, {.container = container, .audio_only = true}); };
  EXPECT_NE(of(Container::ts).find("\ntracks-v1a1d1/mono.ts.m3u8\n"), std::string::npos);
  EXPECT_NE(of(Container::ts).find("\ntracks-a1d1/mono.ts.m3u8\n"), std::string::npos);
  EXPECT_NE(of(Container::ts).find("CODECS=\"avc1.64001f,mp4a.40.2\""), std::string::npos);
  EXPECT_EQ(of(Container::cmaf).find("d1"), std::string::npos);
  EXPECT_EQ(of(Container::low_latency).find("d1"), std::string::npos);
}

TEST(MasterPlaylist, TheViewDecidesTheOrder) {
  const auto playlist = master_playlist(test::live_listing(test::make_run(rich())),
                                        {.container = Container::cmaf, .view = *stream::View::parse("v2v1a2")});
  ASSERT_EQ(playlist.variants.size(), 2u);
  EXPECT_EQ(playlist.variants[0].uri, "tracks-v2a2/index.fmp4.m3u8");
  EXPECT_TRUE(playlist.renditions.empty());
}

TEST(MasterPlaylist, AudioAlone) {
  const auto one =
      master_playlist(test::live_listing(test::make_run(stream::test::tracks({"mp3"}))), {.container = Container::ts});
  ASSERT_EQ(one.variants.size(), 1u);
  EXPECT_EQ(one.variants[0].uri, "tracks-a1/mono.ts.m3u8");
  EXPECT_TRUE(one.renditions.empty());
  const auto two = master_playlist(test::live_listing(test::make_run(stream::test::tracks({"aac", "aac"}))),
                                   {.container = Container::low_latency});
  EXPECT_EQ(two.variants.size(), 1u);
  EXPECT_EQ(two.renditions.size(), 2u);
  EXPECT_TRUE(m3u8::check(two).empty());
}

TEST(MasterPlaylist, TitlesThatAreAlikeAreToldApart) {
  auto tracks = rich();
  tracks[2].title = tracks[3].title = "Main";
  const auto playlist = master_playlist(test::live_listing(test::make_run(tracks)), {.container = Container::cmaf});
  EXPECT_EQ(playlist.renditions[0].name, "Main a1");
  EXPECT_EQ(playlist.renditions[1].name, "Main a2");
}

TEST(MasterPlaylist, HasNothingForWhatCannotBeCarried) {
  const auto run = test::make_run(stream::test::tracks({"klv"}));
  EXPECT_TRUE(master_playlist(test::live_listing(run), {.container = Container::ts}).variants.empty());
}

TEST(MasterPlaylist, FrameRatesAreMeasuredWhereTheyAreNotStated) {
  auto tracks = av();
  tracks[0].details.fps = 0;
  const auto playlist = master_playlist(test::live_listing(test::make_run(tracks)), {.container = Container::cmaf});
  EXPECT_DOUBLE_EQ(playlist.variants[0].frame_rate, 25);
}

}  // namespace
}  // namespace sluice::hls
