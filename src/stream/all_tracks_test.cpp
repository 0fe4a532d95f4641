#include <gtest/gtest.h>

#include <mutex>

#include "format/flv/writer.hpp"
#include "format/mp4/codecs.hpp"
#include "format/mp4/fragment.hpp"
#include "format/mpegts/codecs.hpp"
#include "format/mpegts/muxer.hpp"
#include "format/mpegts/pes.hpp"
#include "format/mpegts/sample_media.hpp"
#include "format/webvtt/sample.hpp"
#include "stream/test_server.hpp"

/// More than RTMP can show: a source of three pictures, three sounds, one of them in a codec that was invented for this
/// test, subtitles and events.
namespace sluice::stream {
namespace {

namespace sample = mpegts::sample;
using std::chrono::seconds;
using test::kSecond;
using test::Server;
using test::Viewer;

// --- the invented codec: all that it takes ------------------------------------------------------------------------

Result<media::CodecDetails> zap_details(BytesView config) {
  ByteReader in(config);
  media::CodecDetails details{.codec_string = "zap1"};
  details.sample_rate = in.be32();
  details.channels = in.u8();
  details.samples_per_frame = in.be16();
  return details;
}
constexpr media::Codec kZap{.name = "zap", .content = media::Content::audio, .details = zap_details};

constexpr mp4::CodecRow kZapInMp4{
    .codec = "zap",
    .type = mp4::fourcc("zap1"),
    .write = [](ByteWriter& out, const media::Track& track, const mp4::CodecRow&) { out.bytes(track.config.view()); },
    .read = [](BytesView entry, const mp4::CodecRow&, mp4::TrackInfo& out) -> Result<bool> {
      out.config.assign(entry.begin(), entry.end());
      return true;
    }};

/// Each frame with the config before it, so that a receiver may begin at any.
class ZapEncoder final : public mpegts::Encoder {
 public:
  explicit ZapEncoder(BytesView config) : config_(config.begin(), config.end()) {}
  void encode(const media::Frame& frame, mpegts::ElementaryBytes& out) const override {
    out.borrow(config_);
    out.borrow(frame.payload.view());
  }

 private:
  Bytes config_;
};
class ZapDecoder final : public mpegts::Decoder {
 public:
  std::size_t decode(const mpegts::PesUnit& unit, std::vector<mpegts::DecodedFrame>& out) override {
    ByteReader in(unit.data);
    const BytesView config = in.bytes(kConfigSize);
    if (!in.ok() || !unit.dts) return 1;
    mpegts::DecodedFrame& decoded = out.emplace_back();
    if (!std::exchange(told_, true)) decoded.config.emplace(config.begin(), config.end());
    decoded.frame.dts = *unit.dts;
    decoded.frame.pts = *unit.pts;
    decoded.frame.payload = Payload::copy(in.rest());
    decoded.frame.random_access = true;
    return 0;
  }

 private:
  static constexpr std::size_t kConfigSize = 7;
  bool told_ = false;
};

constexpr mpegts::CodecRow kZapInTs{
    .codec = "zap",
    .stream_type = 0x06,
    .stream_id = mpegts::kAudioStream,
    .format_identifier = 0x5a41'5031,  // "ZAP1"
    .encoder = [](const media::Track& track) -> std::unique_ptr<mpegts::Encoder> {
      return std::make_unique<ZapEncoder>(track.config.view());
    },
    .decoder = []() -> std::unique_ptr<mpegts::Decoder> { return std::make_unique<ZapDecoder>(); }};

// --- the source ---------------------------------------------------------------------------------------------------

media::Tracks all_tracks() {
  const auto sound = [](std::string_view language) { return sample::aac(48'000, language); };
  return sample::tracks({sample::h264(sample::kSps640x360), sample::h264(), sample::h264(), sound("eng"), sound("deu"),
                         sample::track("zap", sample::bytes({0x00, 0x00, 0x7d, 0x00, 2, 0x02, 0x80}), "fra"),
                         sample::track("webvtt", {}, "ita"), sample::data("id3")});
}

Payload payload_of(const media::Track& track, const media::Frame& frame) {
  const auto seed = static_cast<std::uint32_t>(frame.dts.count()) + frame.track;
  switch (track.content()) {
    case media::Content::video: return sample::picture(frame.random_access, 300, seed);
    case media::Content::text: return Payload::copy(as_bytes("cue " + std::to_string(frame.dts.count())));
    default: return Payload::own(sample::coded(120, seed));
  }
}

std::vector<media::Frame> all_frames(const media::Tracks& tracks, Ticks from, Ticks to) {
  auto frames = test::frames(tracks, from, to, 0, 25);
  for (auto& frame : frames) frame.payload = payload_of(tracks[frame.track], frame);
  return frames;
}

/// Sends all of it, in no time.
class Everything {
 public:
  Everything(std::unique_ptr<Feed> feed, const media::Tracks& tracks)
      : feed_(std::move(feed)), tracks_(tracks), began_(Shard::current().now()) {
    feed_->set_tracks(tracks);
  }
  void send(Ticks from, Ticks to) {
    for (auto& frame : all_frames(tracks_, from, to)) {
      frame.arrival = began_ + std::chrono::duration_cast<SteadyTime::duration>(frame.dts);
      feed_->push(std::move(frame));
      feed_->flush();
    }
  }

 private:
  std::unique_ptr<Feed> feed_;
  const media::Tracks& tracks_;
  SteadyTime began_;
};

class TsMuxer final : public FlowMuxer {
 public:
  explicit TsMuxer(const media::Tracks& tracks) : muxer_(tracks, {}) {}
  Bytes init() override { return {}; }
  void frame(Bytes& out, const media::Frame& frame) override {
    ByteWriter writer(out);
    muxer_.frame(writer, frame);
  }
  void change(Bytes&, const media::Tracks& tracks) override { muxer_.change(tracks); }

 private:
  mpegts::Muxer muxer_;
};

constexpr FlowForm kTs{.name = "ts",
                       .carries = mpegts::carries,
                       .make = [](const media::Tracks& tracks, const StreamConfig&) -> std::unique_ptr<FlowMuxer> {
                         return std::make_unique<TsMuxer>(tracks);
                       }};

class AllTracks : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static std::once_flag once;
    std::call_once(once, [] {
      media::add_codec(kZap);
      mp4::add_codec(kZapInMp4);
      mpegts::add_codec(kZapInTs);
    });
  }

  /// Publishes the first second of everything and lets `look` see the stream.
  void run(const std::function<Task<void>(Server&, Everything&, std::shared_ptr<Media>)>& look) {
    StreamPlan plan;
    plan.streams = {test::published("all")};
    Server server(std::move(plan));
    server.run([&]() -> Task<void> {
      auto feed = co_await server[0].publish({.name = "all", .proto = "rtmp", .ip = "10.0.0.1"});
      EXPECT_TRUE(feed);
      Everything source(std::move(*feed), tracks_);
      source.send(Ticks(0), kSecond);
      co_await look(server, source, co_await server.media("all"));
    });
  }

  const media::Tracks tracks_ = all_tracks();
};

Bytes bytes_of(const Segment& segment, std::uint32_t track) {
  Bytes out;
  for (const Range& range : segment.body(std::span(&track, 1)).ranges) {
    out.insert(out.end(), range.view().begin(), range.view().end());
  }
  return out;
}

TEST_F(AllTracks, AreListedAndStoredWhereMp4CarriesThem) {
  run([&](Server&, Everything& source, std::shared_ptr<Media> media) -> Task<void> {
    const media::Tracks& tracks = tracks_;
    source.send(kSecond, 10 * kSecond);
    const auto window = media->window();
    auto listing = co_await window->listing();
    while (std::ranges::count_if(listing->segments, &Segment::complete) < 5) {
      EXPECT_TRUE(co_await window->changed(listing->generation, Server::soon()));
      listing = co_await window->listing();
    }
    EXPECT_EQ(selector(listing->run()->tracks, View{}.select(tracks)), "v1v2v3a1a2a3t1d1");
    const Segment& segment = **std::ranges::find_if(listing->segments, &Segment::complete);
    const auto frames = all_frames(tracks, Ticks(0), 10 * kSecond);
    for (std::uint32_t i = 0; i < tracks.size(); ++i) {
      SCOPED_TRACE(tracks[i].id);
      EXPECT_EQ(segment.tracks[i].parts.empty(), !mp4::carries(*tracks[i].codec));
      EXPECT_EQ(mp4::carries(*tracks[i].codec), tracks[i].content() != media::Content::data);
      const Bytes bytes = bytes_of(segment, i);
      for (BytesView rest = bytes; !rest.empty();) {
        const auto fragment = mp4::read_fragment(rest);
        EXPECT_TRUE(fragment);
        if (!fragment) break;
        for (const auto& found : fragment->samples) {
          const auto sent = std::ranges::find_if(frames, [&](const media::Frame& frame) {
            return frame.track == i && to_rate(frame.dts, tracks[i].timescale()) == found.decode_time;
          });
          EXPECT_NE(sent, frames.end()) << found.decode_time;
          if (sent == frames.end()) continue;
          if (tracks[i].content() == media::Content::text) {
            EXPECT_NE(as_text(found.payload).find(as_text(sent->payload.view())), std::string_view::npos);
          } else {
            EXPECT_TRUE(std::ranges::equal(found.payload, sent->payload.view()));
          }
        }
        rest = rest.subspan(fragment->size);
      }
    }
  });
}

TEST_F(AllTracks, HaveAnInit) {
  for (const media::Track& track : tracks_) {
    if (!mp4::carries(*track.codec)) continue;
    SCOPED_TRACE(track.id);
    const mp4::InitTrack one{.track_id = 1, .track = track};
    const auto init = mp4::read_init(mp4::write_init(std::span(&one, 1)));
    ASSERT_TRUE(init);
    ASSERT_EQ(init->tracks.size(), 1u);
    EXPECT_EQ(init->tracks[0].codec, track.codec);
    EXPECT_EQ(init->tracks[0].language, track.language);
    EXPECT_EQ(init->tracks[0].timescale, track.timescale());
    if (track.content() != media::Content::text)
      EXPECT_TRUE(std::ranges::equal(init->tracks[0].config, track.config.view()));
  }
}

TEST_F(AllTracks, AreFollowedWhereMpegTsCarriesThem) {
  run([&](Server& server, Everything& source, std::shared_ptr<Media> media) -> Task<void> {
    Viewer viewer;
    co_await server.play(media, viewer, kTs);
    source.send(kSecond, 4 * kSecond);
    mpegts::sample::Found found;
    co_await test::until([&] { return (found = sample::demux(as_bytes(viewer.read()))).of(0).size() >= 90; }, "frames");
    std::vector<std::string> ids;
    for (const media::Track& track : found.tracks) ids.push_back(std::string(track.codec->name) + ":" + track.language);
    EXPECT_EQ(ids, (std::vector<std::string>{"h264:", "h264:", "h264:", "aac:eng", "aac:deu", "zap:fra", "id3:"}));
    EXPECT_EQ(found.counters.bad_sections + found.counters.bad_frames, 0u);
    std::uint32_t at = 0;
    for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
      if (!mpegts::carries(*tracks_[i].codec)) continue;
      const auto frames = found.of(at++);
      EXPECT_GT(frames.size(), 1u) << tracks_[i].id;
      if (tracks_[i].content() == media::Content::video) continue;  // access units come back with their parameter sets
      for (const media::Frame& frame : frames) {
        media::Frame sent{.track = i, .dts = frame.dts - frames[0].dts};
        EXPECT_EQ(frame.payload.size(), payload_of(tracks_[i], sent).size());
      }
    }
  });
}

TEST_F(AllTracks, AreChosenByTheirIds) {
  run([&](Server& server, Everything& source, std::shared_ptr<Media> media) -> Task<void> {
    Viewer viewer;
    co_await server.play(media, viewer, kTs, *View::parse("v2a3a2"));
    source.send(kSecond, 3 * kSecond);
    mpegts::sample::Found found;
    co_await test::until([&] { return (found = sample::demux(as_bytes(viewer.read()))).of(0).size() >= 45; }, "frames");
    std::string names;
    for (const media::Track& track : found.tracks) names += std::string(track.codec->name) + " ";
    EXPECT_EQ(names, "h264 zap aac ");
  });
}

TEST_F(AllTracks, AreLeftOutWhereAFormHasNoRowForThem) {
  EXPECT_FALSE(flv::carries(*media::find_codec("zap")));
  EXPECT_FALSE(mpegts::carries(*media::find_codec("webvtt")));
  EXPECT_FALSE(mp4::carries(*media::find_codec("id3")));
}

}  // namespace
}  // namespace sluice::stream
