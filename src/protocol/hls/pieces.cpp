#include "protocol/hls/pieces.hpp"

#include <algorithm>

#include "format/mp4/fragment.hpp"
#include "format/mpegts/segment.hpp"
#include "format/webvtt/cue.hpp"
#include "format/webvtt/sample.hpp"
#include "format/webvtt/segment.hpp"

namespace sluice::hls {
namespace {

/// Calls `each` with every sample of a track of the segment, and the sample's bytes.
template <class Each>
Result<void> for_samples(const stream::Segment& segment, std::uint32_t track, Each each) {
  Bytes joined;
  for (const stream::Part& part : segment.tracks[track].parts) {
    if (part.ranges[0].memory == nullptr) return fail(std::make_error_code(std::errc::bad_address));
    BytesView bytes = part.ranges[0].view();
    if (part.ranges[1].length > 0) {
      joined.assign(bytes.begin(), bytes.end());
      joined.insert(joined.end(), part.ranges[1].view().begin(), part.ranges[1].view().end());
      bytes = joined;
    }
    const auto fragment = mp4::read_fragment(bytes);
    if (!fragment) return std::unexpected(fragment.error());
    for (const mp4::ReadSample& sample : fragment->samples) each(sample);
  }
  return {};
}

Result<Bytes> make_vtt(const stream::Segment& segment, std::uint32_t track, Ticks shift) {
  std::vector<webvtt::Cue> cues;
  const auto rate = segment.run->tracks[track].timescale();
  const auto read = for_samples(segment, track, [&](const mp4::ReadSample& sample) {
    const Ticks start = from_rate(sample.decode_time, rate);
    const Ticks end = from_rate(sample.decode_time + sample.sample.duration, rate);
    if (auto some = webvtt::read_sample(sample.payload, start, end)) std::ranges::move(*some, std::back_inserter(cues));
  });
  if (!read) return std::unexpected(read.error());
  cues = webvtt::join_cues(std::move(cues));
  return webvtt::write_segment(cues, {.origin = segment.dts, .mpegts = segment.dts + shift});
}

}  // namespace

Result<Bytes> make_ts(const stream::Segment& segment, std::span<const std::uint32_t> tracks,
                      const stream::StreamConfig& config) {
  media::Tracks chosen;
  std::vector<media::Frame> frames;
  for (const auto index : tracks) {
    const auto track = static_cast<std::uint32_t>(chosen.size());
    chosen.push_back(segment.run->tracks[index]);
    const auto rate = chosen.back().timescale();
    const auto read = for_samples(segment, index, [&](const mp4::ReadSample& sample) {
      media::Frame frame{.track = track, .payload = Payload::copy(sample.payload)};
      frame.dts = from_rate(sample.decode_time, rate);
      frame.pts = from_rate(sample.decode_time + sample.sample.composition_offset, rate);
      frame.duration = from_rate(sample.decode_time + sample.sample.duration, rate) - frame.dts;
      frame.random_access = sample.sample.sync;
      frame.disposable = sample.sample.disposable;
      frames.push_back(std::move(frame));
    });
    if (!read) return std::unexpected(read.error());
  }
  std::ranges::sort(frames, {}, [](const media::Frame& frame) { return std::pair(frame.dts, frame.track); });
  return mpegts::segment(chosen, frames, {.title = config.title});
}

Result<Bytes> make_vtt_for_ts(const stream::Segment& segment, std::span<const std::uint32_t> tracks,
                              const stream::StreamConfig&) {
  return make_vtt(segment, tracks[0], mpegts::kDecodeDelay);
}
Result<Bytes> make_vtt_for_cmaf(const stream::Segment& segment, std::span<const std::uint32_t> tracks,
                                const stream::StreamConfig&) {
  return make_vtt(segment, tracks[0], Ticks(0));
}

}  // namespace sluice::hls
