#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/wall_clock.hpp"
#include "media/codec.hpp"
#include "stream/normalizer.hpp"
#include "stream/store_model.hpp"
#include "stream/timeline.hpp"

namespace sluice::stream::test {

using Us = std::chrono::microseconds;

/// One track of a source for tests.
struct TrackScript {
  std::string_view codec = "h264";
  std::int64_t frames = 25;  ///< in `seconds`
  std::int64_t seconds = 1;
  int gop = 50;      ///< frames; 0: the first frame is the only keyframe
  int b_frames = 0;  ///< in a row, so that pts > dts and GOPs are open
  bool whole_milliseconds = false;
  Us shift{};        ///< of its stamps
  Us delay{};        ///< of its arrivals
  Us first_frame{};  ///< when it begins
  std::size_t bytes = 100;
  Ticks duration{};  ///< as the source states it

  [[nodiscard]] Us at(std::int64_t n) const { return first_frame + Us(rescale(n * seconds, 1'000'000, frames)); }
};

inline TrackScript video(std::int64_t frames, std::int64_t seconds = 1, int gop = 50) {
  return {.frames = frames, .seconds = seconds, .gop = gop};
}
inline TrackScript aac(std::int64_t sample_rate = 48'000) {
  return {.codec = "aac", .frames = sample_rate, .seconds = 1024, .whole_milliseconds = true};
}
inline TrackScript mp3(std::int64_t sample_rate) { return {.codec = "mp3", .frames = sample_rate, .seconds = 1152}; }
inline TrackScript text() {
  return {.codec = "webvtt",
          .frames = 1,
          .seconds = 4,
          .duration = std::chrono::duration_cast<Ticks>(std::chrono::seconds(3))};
}
inline TrackScript data() { return {.codec = "id3", .frames = 1, .seconds = 2}; }

/// A frame on its way: when the source captured it and when it arrives, both since the test began.
struct SentFrame {
  media::Frame frame;  // with the source's stamps; `arrival` not set
  Us captured{};
  Us arrives{};
  std::size_t order = 0;  // of what arrives at once
};

inline void sort_by_arrival(std::vector<SentFrame>& frames) {
  std::ranges::sort(frames, {}, [](const SentFrame& frame) { return std::pair(frame.arrives, frame.order); });
}

using Scripts = std::vector<TrackScript>;

inline media::Tracks tracks_of(const Scripts& scripts) {
  media::Tracks tracks;
  for (const TrackScript& script : scripts) {
    media::Track track;
    track.codec = media::find_codec(script.codec);
    if (track.content() == media::Content::audio) {
      track.details.sample_rate = static_cast<std::uint32_t>(script.frames);
      track.details.samples_per_frame = static_cast<std::uint32_t>(script.seconds);
    }
    tracks.push_back(track);
  }
  media::assign_ids(tracks);
  return tracks;
}

/// `bytes` of payload, at another address than the others before it.
inline Payload next_payload(std::size_t bytes) {
  static const Payload block = Payload::own(Bytes(std::size_t{16} << 20));
  static std::size_t at = 0;
  at = (at + 1) % (block.size() / 2);
  return block.sub(at, std::clamp<std::size_t>(bytes, 1, block.size() / 2));
}

/// The n-th frame of a track, captured when its time has come.
inline SentFrame frame_of(const TrackScript& script, std::uint32_t track, std::int64_t n) {
  const Us captured = script.at(n);
  // Decoding order I P B B P B B: a P is shown after the B behind it.
  const auto group = script.b_frames + 1;
  const auto shown = n == 0 ? 0 : (n - 1) / group * group + ((n - 1) % group == 0 ? group : (n - 1) % group);
  const auto stamp = [&](Us time) {
    return script.whole_milliseconds ? to_ticks(std::chrono::floor<std::chrono::milliseconds>(time)) : to_ticks(time);
  };
  SentFrame sent{.captured = captured, .arrives = captured + script.delay};
  sent.frame.track = track;
  sent.frame.dts = stamp(captured + script.shift);
  sent.frame.pts = script.b_frames == 0 ? sent.frame.dts : stamp(script.at(shown + 1) + script.shift);
  sent.frame.duration = script.duration;
  sent.frame.payload = next_payload(script.bytes);
  sent.frame.random_access = script.gop == 0 ? n == 0 : n % script.gop == 0;
  return sent;
}

/// All frames of the tracks between `begin` and `end`, in the order of their arrivals.
inline std::vector<SentFrame> record(const Scripts& scripts, Us begin, Us end) {
  std::vector<SentFrame> out;
  for (std::uint32_t i = 0; i < scripts.size(); ++i) {
    for (std::int64_t n = 0; scripts[i].at(n) < end; ++n) {
      if (scripts[i].at(n) >= begin) out.push_back(frame_of(scripts[i], i, n));
    }
  }
  std::ranges::sort(out, {}, [](const SentFrame& sent) { return std::pair(sent.captured, sent.frame.track); });
  for (std::size_t i = 0; i < out.size(); ++i) out[i].order = i;
  sort_by_arrival(out);
  return out;
}

/// Feeds a timeline as a source does, through a normalizer, on a virtual clock.
class Player {
 public:
  static constexpr SteadyTime kSteadyStart{std::chrono::hours(100)};
  static constexpr UtcTime kUtcStart{std::chrono::seconds(1'774'166'797)};  // 2026-03-22 08:06:37

  explicit Player(TimelineOptions options = {})
      : model(options.segment_bytes), clock(kSteadyStart, kUtcStart), timeline(options, clock, model) {}

  /// A source begins, or changes its tracks.
  void begin(const media::Tracks& tracks, bool same_source = false) {
    if (!same_source) normalizer = {};
    normalizer.set_tracks(tracks);
    timeline.begin_run(tracks, same_source, model.now);
  }

  void push(SentFrame sent) {
    advance(sent.arrives);
    model.captured = kUtcStart + sent.captured;
    sent.frame.arrival = kSteadyStart + sent.arrives;
    if (normalize) normalizer.normalize(sent.frame);
    timeline.push(std::move(sent.frame));
    ++pushed;
  }
  void play(std::vector<SentFrame> frames) {
    for (SentFrame& frame : frames) push(std::move(frame));
  }
  /// The same, with something done to each frame before it is sent; dropped where it says false.
  void play(std::vector<SentFrame> frames, const std::function<bool(SentFrame&)>& change) {
    std::erase_if(frames, [&](SentFrame& frame) { return !change(frame); });
    sort_by_arrival(frames);
    play(std::move(frames));
  }

  /// Time passes; the timeline is told ten times a second, but for very long pauses.
  void advance(Us to) {
    const SteadyTime end = kSteadyStart + to;
    for (int i = 0; i < 100 && model.now + std::chrono::milliseconds(100) < end; ++i) {
      model.now = std::max(model.now + std::chrono::milliseconds(100), SteadyTime(kSteadyStart));
      timeline.advance(model.now);
    }
    model.now = end;
  }

  void finish() {
    timeline.flush();
    model.finish(timeline.counters(), pushed);
  }

  StoreModel model;
  WallClock clock;
  Normalizer normalizer;
  Timeline timeline;
  bool normalize = true;
  std::uint64_t pushed = 0;
};

}  // namespace sluice::stream::test
