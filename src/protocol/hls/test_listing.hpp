#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "format/mp4/fragment.hpp"
#include "format/mpegts/sample_media.hpp"
#include "format/webvtt/sample.hpp"
#include "stream/segment.hpp"
#include "stream/test_media.hpp"

/// Listings made by hand, with real fragments in memory, for the tests of this room.
namespace sluice::hls::test {

using stream::test::kSecond;

/// 2026-03-22T08:06:40Z; the dts of a segment is its number times two seconds, counted from here.
inline constexpr UtcTime kStart{std::chrono::sys_seconds(std::chrono::seconds(1'774'166'800))};
inline constexpr Ticks kSegment = 2 * kSecond;
inline constexpr Ticks kPartTarget{18'180};  // 5 frames of 40 ms, and 2 ms

inline media::Tracks with_details(media::Tracks tracks) {
  for (auto& track : tracks) {
    switch (track.content()) {
      case media::Content::video:
        track.details.codec_string = "avc1.64001f";
        track.config = mpegts::sample::h264(mpegts::sample::kSps640x360).config;
        break;
      case media::Content::audio:
        track.details.codec_string = "mp4a.40.2";
        if (track.codec->name == "aac") track.config = mpegts::sample::aac().config;
        break;
      case media::Content::text: track.details.codec_string = "wvtt"; break;
      default: break;
    }
  }
  return tracks;
}

inline std::shared_ptr<const stream::Run> make_run(media::Tracks tracks, std::uint64_t discontinuity = 0) {
  auto run = std::make_shared<stream::Run>();
  run->id = run->discontinuity = discontinuity;
  run->tracks = with_details(std::move(tracks));
  return run;
}

/// Segments of two seconds: video in parts of 5 frames, audio in parts of 9, a text that lasts a second each second.
class SegmentMaker {
 public:
  explicit SegmentMaker(std::shared_ptr<const stream::Run> run) : run_(std::move(run)) {}

  /// What segment `number` has when `seconds` of it are there; complete when these are two.
  std::shared_ptr<stream::Segment> make(std::uint64_t number, double seconds = 2) const {
    auto out = std::make_shared<stream::Segment>();
    out->number = number;
    out->run = run_;
    out->dts = static_cast<std::int64_t>(number) * kSegment;
    out->utc = kStart + to_us(out->dts);
    out->complete = seconds >= 2;
    const Ticks length(static_cast<std::int64_t>(seconds * 90'000));
    out->duration = length;
    out->name_ms = static_cast<std::uint32_t>(seconds * 1000);
    out->tracks.resize(run_->tracks.size());
    auto store = std::make_shared<std::vector<Bytes>>();
    for (std::uint32_t i = 0; i < run_->tracks.size(); ++i) add(*out, i, out->dts + length, *store);
    out->lease = store;
    return out;
  }

 private:
  void add(stream::Segment& segment, std::uint32_t index, Ticks to, std::vector<Bytes>& store) const {
    const media::Track& track = run_->tracks[index];
    const std::size_t most = track.content() == media::Content::video   ? 5
                             : track.content() == media::Content::audio ? 9
                                                                        : 1;
    auto frames = stream::test::frames({track}, segment.dts, to);
    auto& out = segment.tracks[index];
    out.complete = segment.complete;
    for (std::size_t at = 0; at < frames.size(); at += most) {
      const auto some = std::span(frames).subspan(at, std::min(most, frames.size() - at));
      const bool last = at + most >= frames.size();
      if (last && some.size() < most && !segment.complete) break;  // not closed yet
      store.push_back(fragment(track, index, some));
      const auto first = static_cast<std::uint32_t>(segment.number * 100 + 1);
      out.parts.push_back({.dts = some[0].dts,
                           .duration = some.back().dts + some.back().duration - some[0].dts,
                           .independent = some[0].random_access,
                           .sequence = first + static_cast<std::uint32_t>(at / most)});
      out.frames += static_cast<std::uint32_t>(some.size());
      out.size += store.back().size();
    }
    // The bytes stay where they are: the vectors' own buffers do not move with them.
    for (std::size_t i = 0; i < out.parts.size(); ++i) {
      const Bytes& bytes = store[store.size() - out.parts.size() + i];
      out.parts[i].ranges[0] = {.length = bytes.size(), .memory = bytes.data()};
    }
  }

  static Bytes fragment(const media::Track& track, std::uint32_t index, std::span<media::Frame> frames) {
    const auto rate = track.timescale();
    std::vector<mp4::Sample> samples;
    Bytes payloads;
    for (media::Frame& frame : frames) {
      if (track.content() == media::Content::video) {
        frame.payload = mpegts::sample::picture(frame.random_access, 100);
      }
      if (track.content() == media::Content::text) {
        const webvtt::Cue cue{
            .start = frame.dts, .end = frame.dts + frame.duration, .text = "at " + std::to_string(frame.dts / kSecond)};
        frame.payload = Payload::own(webvtt::write_sample(std::span(&cue, 1)));
      }
      const auto begin = to_rate(frame.dts, rate);
      samples.push_back({.duration = static_cast<std::uint32_t>(to_rate(frame.dts + frame.duration, rate) - begin),
                         .size = static_cast<std::uint32_t>(frame.payload.size()),
                         .sync = frame.random_access});
      payloads.insert(payloads.end(), frame.payload.view().begin(), frame.payload.view().end());
    }
    Bytes out;
    ByteWriter writer(out);
    mp4::write_fragment_header(
        writer,
        {.track_id = index + 1, .sequence_number = 1, .base_decode_time = to_rate(frames[0].dts, rate), .utc = kStart},
        samples);
    writer.bytes(payloads);
    return out;
  }

  std::shared_ptr<const stream::Run> run_;
};

/// A listing of these segments, the first of which is kept for late clients only.
inline stream::Listing listing_of(std::vector<std::shared_ptr<const stream::Segment>> segments,
                                  std::uint64_t generation = 1) {
  stream::Listing out;
  out.generation = generation;
  out.segments = std::move(segments);
  out.first_listed = out.segments.size() > 1 ? 1 : 0;
  out.target_duration = std::chrono::seconds(3);
  out.part_target = kPartTarget;
  return out;
}

/// Complete segments 9 to 13, and `open` seconds of segment 14.
inline stream::Listing live_listing(const std::shared_ptr<const stream::Run>& run, double open = 0.5,
                                    std::uint64_t generation = 1) {
  const SegmentMaker maker(run);
  std::vector<std::shared_ptr<const stream::Segment>> segments;
  for (std::uint64_t number = 9; number <= 13; ++number) segments.push_back(maker.make(number));
  if (open > 0) segments.push_back(maker.make(14, open));
  return listing_of(std::move(segments), generation);
}

}  // namespace sluice::hls::test
