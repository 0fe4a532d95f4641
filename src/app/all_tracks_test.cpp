#include <gtest/gtest.h>

#include "app/test_play.hpp"
#include "protocol/rtmp/chunk_reader.hpp"
#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/control_messages.hpp"
#include "protocol/rtmp/flow.hpp"
#include "protocol/rtmp/media_reader.hpp"
#include "stream/test_all_tracks.hpp"

// A source of three pictures, three sounds (one in a codec that was invented for this), subtitles and events, as it is
// shown by every protocol that can carry them.
namespace sluice::app {
namespace {

using stream::test::Everything;
using stream::test::kSecond;
using stream::test::Server;
using stream::test::Viewer;
using test::Client;
using test::expect_sent;
using test::Played;

constexpr Ticks kMillisecond{90};  // in which FLV has its stamps

class AllTracks : public stream::test::AllTracksTest {
 protected:
  /// Lets `look` see the stream when some segments are complete.
  void watch(const std::function<Task<void>(Client&)>& look) {
    run([&](Server&, Everything& source, std::shared_ptr<stream::Media> media) -> Task<void> {
      source.send(kSecond, 12 * kSecond);
      co_await stream::test::listed(media->window(), 5);
      Client client(media);
      co_await look(client);
    });
  }
  /// Lets a viewer play a flow until `enough` of what it read is there.
  void follow(const std::string& rest, Played (*read)(BytesView), const std::function<void(const Played&)>& look) {
    run([&](Server&, Everything& source, std::shared_ptr<stream::Media> media) -> Task<void> {
      Viewer viewer;
      Client client(media);
      co_await client.play(rest, viewer);
      source.send(kSecond, 4 * kSecond);
      Played played;
      const auto enough = [&] { return (played = read(as_bytes(viewer.read()))).of(0).size() >= 95; };
      co_await stream::test::until(enough, "frames");
      look(played);
    });
  }
  /// "h264: aac:eng" for these tracks.
  static std::string names(const media::Tracks& tracks) {
    std::string out;
    for (const media::Track& track : tracks) out += std::string(track.codec->name) + ":" + track.language + " ";
    return out;
  }
  [[nodiscard]] std::uint32_t index(std::string_view id) const {
    return static_cast<std::uint32_t>(std::ranges::find(tracks_, id, &media::Track::id) - tracks_.begin());
  }

  const std::vector<media::Frame> sent_ = stream::test::all_frames(tracks_, Ticks(0), 12 * kSecond);
};

std::vector<std::string> uris(const m3u8::MasterPlaylist& playlist) {
  std::vector<std::string> out;
  for (const auto& variant : playlist.variants) out.push_back(variant.uri);
  for (const auto& rendition : playlist.renditions) {
    const bool audio = rendition.type == m3u8::Rendition::Type::audio;
    out.push_back((audio ? "audio " : "text ") + rendition.language + " " + rendition.uri);
  }
  return out;
}

TEST_F(AllTracks, AreVariantsAndLanguagesOfHls) {
  watch([&](Client& client) -> Task<void> {
    const auto as_listed = [](const std::string& leaf, const std::string& events) {
      return std::vector<std::string>{"tracks-v1" + events + leaf,  "tracks-v2" + events + leaf,
                                      "tracks-v3" + events + leaf,  "audio eng tracks-a1" + leaf,
                                      "audio deu tracks-a2" + leaf, "audio fra tracks-a3" + leaf,
                                      "text ita tracks-t1" + leaf};
    };
    const auto ts = co_await client.master("index.ts.m3u8");
    EXPECT_EQ(uris(ts), as_listed("/mono.ts.m3u8", "d1"));
    EXPECT_EQ(uris(co_await client.master("index.fmp4.m3u8")), as_listed("/index.fmp4.m3u8", ""));
    EXPECT_EQ(uris(co_await client.master("index.ll.m3u8")), as_listed("/index.ll.m3u8", ""));
    for (const auto& variant : ts.variants) {
      const std::string picture = variant.width == 640 ? "avc1.4d401e" : "avc1.4d400d";
      EXPECT_EQ(variant.codecs, picture + ",mp4a.40.2,zap1,wvtt");
      EXPECT_EQ(variant.audio, "audio");
      EXPECT_EQ(variant.subtitles, "subs");
    }
    EXPECT_EQ(ts.variants.at(0).width, 640u);
    EXPECT_EQ(ts.variants.at(1).width, 320u);
    EXPECT_EQ(ts.variants.at(0).frame_rate, 25);
  });
}

TEST_F(AllTracks, AreInTheTsSegmentsOfHls) {
  watch([&](Client& client) -> Task<void> {
    for (const std::string_view id : {"v1", "v2", "v3", "a1", "a2", "a3"}) {
      SCOPED_TRACE(id);
      const auto track = index(id);
      const bool video = id[0] == 'v';
      const auto played =
          test::read_ts(co_await client.media("tracks-" + std::string(id) + (video ? "d1" : "") + "/mono.ts.m3u8"));
      EXPECT_EQ(names(played.tracks), names({tracks_[track]}) + (video ? "id3: " : ""));
      EXPECT_TRUE(played.tracks.at(0).same_parameters(tracks_[track]));
      expect_sent(played.of(0), sent_, track);
      if (video) expect_sent(played.of(1), sent_, index("d1"));
    }
    const auto together = test::read_ts(co_await client.media("tracks-v2a3a1d1/mono.ts.m3u8"));
    EXPECT_EQ(names(together.tracks), "h264: zap:fra aac:eng id3: ");
    EXPECT_EQ(names(test::read_ts(co_await client.media("video.m3u8")).tracks), "h264: aac:eng aac:deu zap:fra id3: ");
    EXPECT_EQ((co_await client.get("tracks-d1/mono.ts.m3u8")).status, 404u) << "events alone are nothing to play";
  });
}

TEST_F(AllTracks, AreInTheCmafSegmentsOfHls) {
  watch([&](Client& client) -> Task<void> {
    for (const std::string_view id : {"v1", "v2", "v3", "a1", "a2", "a3"}) {
      SCOPED_TRACE(id);
      const auto track = index(id);
      const auto played = co_await client.cmaf("tracks-" + std::string(id) + "/index.fmp4.m3u8");
      EXPECT_EQ(names(played.tracks), names({tracks_[track]}));
      EXPECT_TRUE(played.tracks.at(0).same_parameters(tracks_[track]));
      expect_sent(played.of(0), sent_, track);
    }
    const auto together = co_await client.cmaf("tracks-v3a3d1/index.fmp4.m3u8");
    EXPECT_EQ(names(together.tracks), "h264: zap:fra ");
    expect_sent(together.of(0), sent_, index("v3"));
    expect_sent(together.of(1), sent_, index("a3"));
  });
}

TEST_F(AllTracks, AreInThePartsOfLowLatencyHls) {
  watch([&](Client& client) -> Task<void> {
    for (const std::string_view id : {"v1", "v2", "v3", "a1", "a2", "a3"}) {
      SCOPED_TRACE(id);
      const auto uri = "tracks-" + std::string(id) + "/index.ll.m3u8";
      const auto in_parts = co_await client.cmaf(uri, true);
      expect_sent(in_parts.of(0), sent_, index(id));
      EXPECT_GT(in_parts.of(0).back().dts, (co_await client.cmaf(uri)).of(0).back().dts) << "parts come first";
      EXPECT_EQ((co_await client.playlist(uri)).rendition_reports.size(), 6u) << "all others, but no events";
    }
  });
}

TEST_F(AllTracks, SubtitlesAreTheirCues) {
  watch([&](Client& client) -> Task<void> {
    for (const std::string uri : {"tracks-t1/mono.ts.m3u8", "tracks-t1/index.fmp4.m3u8", "tracks-t1/index.ll.m3u8"}) {
      const auto list = co_await client.playlist(uri);
      const Bytes bytes = co_await client.media(uri);
      const std::string_view text = as_text(bytes);
      std::size_t cues = 0;
      for (auto at = text.find("\ncue "); at != std::string_view::npos; at = text.find("\ncue ", at + 1)) ++cues;
      EXPECT_EQ(cues, list.segments.size()) << "one a second\n" << text;
      const auto first = text.find("\ncue ");
      EXPECT_NE(text.substr(0, first).find("--> "), std::string_view::npos);
    }
  });
}

TEST_F(AllTracks, AreInHttpTs) {
  follow("mpegts", test::read_ts, [&](const Played& played) {
    EXPECT_EQ(names(played.tracks), "h264: h264: h264: aac:eng aac:deu zap:fra id3: ");
    for (std::uint32_t i = 0; i < played.tracks.size(); ++i) {
      SCOPED_TRACE(played.tracks[i].id);
      const auto track = index(played.tracks[i].id);
      EXPECT_TRUE(played.tracks[i].same_parameters(tracks_[track]));
      EXPECT_EQ(played.of(i).front().random_access, true);
      expect_sent(played.of(i), sent_, track);
    }
  });
}

TEST_F(AllTracks, AreInHttpFlvAsFarAsItCarriesThem) {
  follow("flv", test::read_flv, [&](const Played& played) {
    ASSERT_EQ(names(played.tracks), "h264: aac: ") << "one picture, one sound, no language";
    expect_sent(played.of(0), sent_, index("v1"), kMillisecond);
    expect_sent(played.of(1), sent_, index("a1"), kMillisecond);
  });
}

TEST_F(AllTracks, AreInRtmpAsFarAsItCarriesThem) {
  run([&](Server& server, Everything& source, std::shared_ptr<stream::Media> media) -> Task<void> {
    Viewer viewer;
    co_await server.play(media, viewer, rtmp::kFlow, *stream::View::parse("v2a3a2"));
    source.send(kSecond, 4 * kSecond);
    Played played;
    const auto read = [&] {
      rtmp::ChunkReader chunks;
      rtmp::MediaReader messages;
      flv::FrameReader frames;
      played = {};
      Bytes told_first;
      ByteWriter to(told_first);
      rtmp::write_set_chunk_size(to, rtmp::kChunkBytes);
      BytesView told(told_first);
      EXPECT_TRUE(chunks.next(told));
      BytesView in = as_bytes(viewer.read());
      while (auto message = chunks.next(in)) {
        if (!*message) break;
        messages.push(std::move(**message));
        while (auto one = *messages.next()) {
          auto got = frames.read(*one, SteadyTime{});
          EXPECT_TRUE(got);
          if (got && got->tracks) played.tracks = std::move(*got->tracks);
          if (got && got->frame) played.frames.push_back(std::move(*got->frame));
        }
      }
      return played.of(0).size() >= 95;
    };
    co_await stream::test::until(read, "frames");
    EXPECT_EQ(names(played.tracks), "h264: aac: ");
    expect_sent(played.of(0), sent_, index("v2"), kMillisecond);
    expect_sent(played.of(1), sent_, index("a2"), kMillisecond);
  });
}

}  // namespace
}  // namespace sluice::app
