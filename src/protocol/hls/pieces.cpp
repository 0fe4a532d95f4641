#include "protocol/hls/pieces.hpp"

#include <algorithm>

#include "format/mpegts/segment.hpp"
#include "format/webvtt/cue.hpp"
#include "format/webvtt/sample.hpp"
#include "format/webvtt/segment.hpp"
#include "stream/stored_frames.hpp"
#include "stream/ts_program.hpp"

namespace sluice::hls {
namespace {

Result<Bytes> make_vtt(const stream::Segment& segment, std::uint32_t track, Ticks shift) {
  std::vector<media::Frame> frames;
  if (auto read = stream::read_frames(segment, track, frames); !read) return std::unexpected(read.error());
  std::vector<webvtt::Cue> cues;
  for (const media::Frame& frame : frames) {
    cues.push_back(
        {.start = frame.dts, .end = frame.dts + frame.duration, .text = std::string(as_text(frame.payload.view()))});
  }
  return webvtt::write_segment(webvtt::join_cues(std::move(cues)),
                               {.origin = segment.dts, .mpegts = segment.dts + shift});
}

}  // namespace

Result<Bytes> make_ts(const stream::Segment& segment, std::span<const std::uint32_t> tracks,
                      const stream::StreamConfig& config) {
  media::Tracks chosen;
  std::vector<media::Frame> frames;
  for (const auto index : tracks) {
    const auto first = static_cast<std::ptrdiff_t>(frames.size());
    if (auto read = stream::read_frames(segment, index, frames); !read) return std::unexpected(read.error());
    const auto track = static_cast<std::uint32_t>(chosen.size());
    std::for_each(frames.begin() + first, frames.end(), [&](media::Frame& frame) { frame.track = track; });
    chosen.push_back(segment.run->tracks[index]);
  }
  std::ranges::sort(frames, {}, [](const media::Frame& frame) { return std::pair(frame.dts, frame.track); });
  return mpegts::segment(chosen, frames, stream::ts_program(config));
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
