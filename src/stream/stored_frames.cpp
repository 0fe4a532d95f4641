#include "stream/stored_frames.hpp"

#include "format/mp4/fragment.hpp"
#include "format/webvtt/sample.hpp"

namespace sluice::stream {
namespace {

/// The text frames that a sample shows: one for each cue.
Result<void> add_texts(const media::Frame& frame, BytesView sample, std::vector<media::Frame>& out) {
  const auto cues = webvtt::read_sample(sample, frame.dts, frame.dts + frame.duration);
  if (!cues) return std::unexpected(cues.error());
  for (const webvtt::Cue& cue : *cues) {
    out.push_back(frame);
    out.back().payload = Payload::copy(as_bytes(cue.text));
  }
  return {};
}

Result<void> read_part(BytesView bytes, std::uint32_t track, const media::Track& info, std::vector<media::Frame>& out) {
  const auto fragment = mp4::read_fragment(bytes);
  if (!fragment) return std::unexpected(fragment.error());
  const auto rate = info.timescale();
  for (const mp4::ReadSample& sample : fragment->samples) {
    media::Frame frame{.track = track};
    frame.dts = from_rate(sample.decode_time, rate);
    frame.pts = from_rate(sample.decode_time + sample.sample.composition_offset, rate);
    frame.duration = from_rate(sample.decode_time + sample.sample.duration, rate) - frame.dts;
    frame.random_access = sample.sample.sync;
    frame.disposable = sample.sample.disposable;
    if (info.content() == media::Content::text) {
      if (auto added = add_texts(frame, sample.payload, out); !added) return added;
      continue;
    }
    frame.payload = Payload::copy(sample.payload);
    out.push_back(std::move(frame));
  }
  return {};
}

}  // namespace

Result<void> read_frames(const Segment& segment, std::uint32_t track, std::vector<media::Frame>& out) {
  Bytes joined;
  for (const Part& part : segment.tracks[track].parts) {
    if (part.ranges[0].memory == nullptr) return fail(std::make_error_code(std::errc::bad_address));
    BytesView bytes = part.ranges[0].view();
    if (part.ranges[1].length > 0) {
      joined.assign(bytes.begin(), bytes.end());
      joined.insert(joined.end(), part.ranges[1].view().begin(), part.ranges[1].view().end());
      bytes = joined;
    }
    if (auto read = read_part(bytes, track, segment.run->tracks[track], out); !read) return read;
  }
  return {};
}

}  // namespace sluice::stream
