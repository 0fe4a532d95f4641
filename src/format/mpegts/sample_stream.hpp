#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "format/mpegts/options.hpp"
#include "format/mpegts/sample_media.hpp"

/// Generated streams for property tests, and what must come back of them.
namespace sluice::mpegts::sample {

/// Tracks and their frames in order of dts.
struct Stream {
  media::Tracks tracks;
  std::vector<media::Frame> frames;
  std::vector<std::size_t> gops;  ///< indices in frames where a GOP begins; the first is 0
};

/// Video at 1 to 120 frames a second with or without B-frames, AAC, MP3 and ID3 beside it, each of them or not; at any
/// time on the media clock, the wrap at 2^33 among them.
inline rc::Gen<Stream> arbitrary_stream() {
  return rc::gen::exec([] {
    Stream stream;
    const bool video = *rc::gen::weightedElement<bool>({{4, true}, {1, false}});
    const bool sound = !video || *rc::gen::arbitrary<bool>();
    std::vector<media::Track> list;
    const std::uint32_t rate = *rc::gen::element(44'100u, 48'000u, 22'050u);
    if (video) list.push_back(h264());
    if (sound) list.push_back(aac(rate));
    if (*rc::gen::arbitrary<bool>()) list.push_back(mp3());
    if (*rc::gen::arbitrary<bool>()) list.push_back(data("id3"));
    stream.tracks = tracks(std::move(list));

    const std::int64_t turn = std::int64_t{1} << 33;
    const auto begin =
        *rc::gen::element<std::int64_t>(0, 123'456'789, turn - 70'000, turn - 150'000, 3 * turn - 90'000);
    const std::int64_t frame_duration = *rc::gen::element(750, 1500, 3003, 3600, 90'000);
    const int pictures = video ? *rc::gen::inRange(1, 40) : 40;
    const std::int64_t end = std::min<std::int64_t>(pictures * frame_duration, 400'000);
    const int gop = *rc::gen::inRange(1, 20);
    const bool reordered = *rc::gen::arbitrary<bool>();
    for (std::uint32_t t = 0; t < stream.tracks.size(); ++t) {
      const auto name = stream.tracks[t].codec->name;
      std::uint32_t seed = t;
      for (std::int64_t i = 0;; ++i, ++seed) {
        const std::int64_t at = name == "h264"  ? i * frame_duration
                                : name == "aac" ? from_rate(i * 1024, rate).count()
                                : name == "mp3" ? i * 2160
                                                : i * 50'000;
        if (at >= end || (name == "h264" && i >= pictures)) break;
        if (name == "h264") {
          const bool key = i % gop == 0;
          const auto size = *rc::gen::inRange<std::size_t>(2, key ? 90'000 : 3000);
          const std::int64_t later = reordered ? (i % 3 == 1 ? 3 : i % 3 == 2 ? 0 : 1) * frame_duration : 0;
          stream.frames.push_back(frame(t, begin + at, picture(key, size, seed), key, later));
        } else if (name == "mp3") {
          stream.frames.push_back(frame(t, begin + at, mp3_frame(seed)));
        } else {
          const auto size = *rc::gen::inRange<std::size_t>(1, 500);
          stream.frames.push_back(frame(t, begin + at, Payload::own(coded(size, seed))));
        }
      }
    }
    interleave(stream.frames);
    for (std::size_t i = 0; i < stream.frames.size(); ++i) {
      const bool leads = stream.frames[i].track == 0 && stream.frames[i].random_access;
      if (i == 0 || (leads && (video || i % 30 == 0))) stream.gops.push_back(i);
    }
    return stream;
  });
}

/// Checks that a reader found the frames of `in`, each track in its order, stamps on one line, and nothing wrong.
inline void expect_same(const Stream& in, const Found& found) {
  RC_ASSERT(found.tracks.size() == in.tracks.size());
  RC_ASSERT(found.counters.continuity_errors == 0u);
  RC_ASSERT(found.counters.bad_frames + found.counters.bad_packets + found.counters.bad_sections == 0u);
  RC_ASSERT(found.counters.skipped_bytes == 0u);
  RC_ASSERT(found.frames.size() == in.frames.size());
  std::optional<Ticks> shift;
  for (std::uint32_t t = 0; t < in.tracks.size(); ++t) {
    RC_ASSERT(in.tracks[t].same_parameters(found.tracks[t]));
    RC_ASSERT(in.tracks[t].id == found.tracks[t].id);
    const auto frames = found.of(t);
    std::size_t i = 0;
    for (const media::Frame& expected : in.frames) {
      if (expected.track != t) continue;
      const media::Frame& frame = frames.at(i++);
      if (!shift) shift = frame.dts - expected.dts;
      RC_ASSERT(frame.dts - expected.dts == *shift);
      RC_ASSERT(frame.pts - expected.pts == *shift);
      RC_ASSERT(frame.random_access == expected.random_access);
      RC_ASSERT(!frame.corrupt);
      RC_ASSERT(!frame.after_loss);
      RC_ASSERT(std::ranges::equal(frame.payload.view(), expected.payload.view()));
    }
  }
  RC_ASSERT((*shift - kDecodeDelay).count() % (std::int64_t{1} << 33) == 0);
}

}  // namespace sluice::mpegts::sample
