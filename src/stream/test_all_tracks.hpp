#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "format/mp4/codecs.hpp"
#include "format/mpegts/codecs.hpp"
#include "format/mpegts/pes.hpp"
#include "format/mpegts/sample_media.hpp"
#include "stream/test_server.hpp"

/// More than RTMP can show: a source of three pictures, three sounds, one of them in a codec that was invented for
/// tests, subtitles and events.
namespace sluice::stream::test {

namespace sample = mpegts::sample;

// --- the invented codec: all that it takes ------------------------------------------------------------------------

inline constexpr Ticks kZapFrame{1800};  // 640 samples of 32 kHz

inline Result<media::CodecDetails> zap_details(BytesView config) {
  ByteReader in(config);
  media::CodecDetails details{.codec_string = "zap1"};
  details.sample_rate = in.be32();
  details.channels = in.u8();
  details.samples_per_frame = in.be16();
  return details;
}
inline constexpr media::Codec kZap{.name = "zap", .content = media::Content::audio, .details = zap_details};

inline constexpr mp4::CodecRow kZapInMp4{
    .codec = "zap",
    .type = mp4::fourcc("zap1"),
    .write = [](ByteWriter& out, const media::Track& track, const mp4::CodecRow&) { out.bytes(track.config.view()); },
    .read = [](BytesView entry, const mp4::CodecRow&, mp4::TrackInfo& out) -> Result<bool> {
      out.config.assign(entry.begin(), entry.end());
      return true;
    }};

/// Each frame with the config and its length before it, so that a receiver may begin at any, and tell several apart.
class ZapEncoder final : public mpegts::Encoder {
 public:
  explicit ZapEncoder(BytesView config) : config_(config.begin(), config.end()) {}
  void encode(const media::Frame& frame, mpegts::ElementaryBytes& out) const override {
    Bytes length;
    ByteWriter(length).be16(frame.payload.size());
    out.borrow(config_);
    out.copy(length);
    out.borrow(frame.payload.view());
  }

 private:
  Bytes config_;
};
class ZapDecoder final : public mpegts::Decoder {
 public:
  std::size_t decode(const mpegts::PesUnit& unit, std::vector<mpegts::DecodedFrame>& out) override {
    if (!unit.dts) return 1;
    ByteReader in(unit.data);
    for (std::int64_t n = 0;; ++n) {
      const BytesView config = in.bytes(kConfigSize);
      const BytesView payload = in.bytes(in.be16());
      if (!in.ok()) return n == 0 ? 1 : 0;
      mpegts::DecodedFrame& decoded = out.emplace_back();
      if (!std::exchange(told_, true)) decoded.config.emplace(config.begin(), config.end());
      decoded.frame.dts = decoded.frame.pts = *unit.dts + n * kZapFrame;
      decoded.frame.payload = Payload::copy(payload);
      decoded.frame.random_access = true;
    }
  }

 private:
  static constexpr std::size_t kConfigSize = 7;
  bool told_ = false;
};

inline constexpr mpegts::CodecRow kZapInTs{
    .codec = "zap",
    .stream_type = 0x06,
    .stream_id = mpegts::kAudioStream,
    .format_identifier = 0x5a41'5031,  // "ZAP1"
    .encoder = [](const media::Track& track) -> std::unique_ptr<mpegts::Encoder> {
      return std::make_unique<ZapEncoder>(track.config.view());
    },
    .decoder = []() -> std::unique_ptr<mpegts::Decoder> { return std::make_unique<ZapDecoder>(); }};

// --- the source ---------------------------------------------------------------------------------------------------

inline media::Tracks all_tracks() {
  const auto sound = [](std::string_view language) { return sample::aac(48'000, language); };
  return sample::tracks({sample::h264(sample::kSps640x360), sample::h264(), sample::h264(), sound("eng"), sound("deu"),
                         sample::track("zap", sample::bytes({0x00, 0x00, 0x7d, 0x00, 2, 0x02, 0x80}), "fra"),
                         sample::track("webvtt", {}, "ita"), sample::data("id3")});
}

inline Payload payload_of(const media::Track& track, const media::Frame& frame) {
  const auto seed = static_cast<std::uint32_t>(frame.dts.count()) + frame.track;
  switch (track.content()) {
    case media::Content::video: return sample::picture(frame.random_access, 300, seed);
    case media::Content::text: return Payload::copy(as_bytes("cue " + std::to_string(frame.dts.count())));
    default: return Payload::own(sample::coded(120, seed));
  }
}

inline std::vector<media::Frame> all_frames(const media::Tracks& tracks, Ticks from, Ticks to) {
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
  void send(Ticks from, Ticks to) { send(all_frames(tracks_, from, to)); }
  /// With other events than these.
  void send(Ticks from, Ticks to, const std::vector<media::Frame>& events) {
    auto frames = all_frames(tracks_, from, to);
    std::erase_if(frames, [&](const media::Frame& f) { return tracks_[f.track].content() == media::Content::data; });
    frames.insert(frames.end(), events.begin(), events.end());
    sample::interleave(frames);
    send(std::move(frames));
  }

 private:
  void send(std::vector<media::Frame> frames) {
    for (auto& frame : frames) {
      newest_ = std::max(newest_, frame.dts);
      frame.arrival = began_ + std::chrono::duration_cast<SteadyTime::duration>(newest_);
      feed_->push(std::move(frame));
      feed_->flush();
    }
  }

  std::unique_ptr<Feed> feed_;
  const media::Tracks& tracks_;
  SteadyTime began_;
  Ticks newest_{};
};

/// The server and the source of it, with the invented codec.
class AllTracksTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (media::find_codec(kZap.name) != nullptr) return;
    media::add_codec(kZap);
    mp4::add_codec(kZapInMp4);
    mpegts::add_codec(kZapInTs);
  }

  /// Publishes the first second of everything and lets `look` see the stream.
  void run(const std::function<Task<void>(Server&, Everything&, std::shared_ptr<Media>)>& look) {
    StreamPlan plan;
    plan.streams = {published("all")};
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

/// The listing of a window once it has `count` complete segments.
inline Task<std::shared_ptr<const Listing>> listed(std::shared_ptr<Window> window, std::int64_t count) {
  auto listing = co_await window->listing();
  while (std::ranges::count_if(listing->segments, &Segment::complete) < count) {
    EXPECT_TRUE(co_await window->changed(listing->generation, Server::soon()));
    listing = co_await window->listing();
  }
  co_return listing;
}

}  // namespace sluice::stream::test
