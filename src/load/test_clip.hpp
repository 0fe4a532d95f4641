#pragma once

#include <algorithm>

#include "format/flv/stream_writer.hpp"
#include "format/flv/writer.hpp"
#include "format/mpegts/sample_media.hpp"

namespace sluice::load {

/// What a generated clip has. Pictures come at 25 a second.
struct TestClip {
  int lead = 0;  ///< pictures before the first keyframe
  int gops = 1;
  int gop = 10;  ///< pictures
  bool audio = true;
};

/// A clip as an FLV file: pictures that look like H.264, and AAC at 48 kHz. No decoder would like it; every reader
/// does.
inline Bytes test_flv(const TestClip& options) {
  namespace sample = mpegts::sample;
  std::vector<media::Track> list{sample::h264()};
  if (options.audio) list.push_back(sample::aac());
  const media::Tracks tracks = sample::tracks(std::move(list));

  Bytes out;
  ByteWriter w(out);
  const auto emit = [&](flv::Message::Type type, std::uint32_t ms, std::span<const BytesView> body) {
    flv::write_tag(w, type, ms, body);
  };
  flv::StreamWriter writer(tracks);
  flv::write_file_header(w, options.audio, true);
  writer.headers(emit);

  const int pictures = options.lead + options.gops * options.gop;
  const int blocks = options.audio ? pictures * 3600 / 1920 : 0;
  for (int picture = 0, block = 0; picture < pictures || block < blocks;) {
    if (block < blocks && block * 1920 < picture * 3600) {
      writer.frame({.track = 1,
                    .dts = Ticks(block * 1920),
                    .pts = Ticks(block * 1920),
                    .payload = Payload::own(sample::coded(100)),
                    .random_access = true},
                   emit);
      ++block;
      continue;
    }
    if (picture == pictures) break;
    const bool key = picture >= options.lead && (picture - options.lead) % options.gop == 0;
    const Ticks at(picture * 3600);
    writer.frame(
        {.track = 0, .dts = at, .pts = at, .payload = sample::picture(key, key ? 2000 : 300), .random_access = key},
        emit);
    ++picture;
  }
  return out;
}

}  // namespace sluice::load
