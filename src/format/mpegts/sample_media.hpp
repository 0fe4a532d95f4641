#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "format/mpegts/demuxer.hpp"
#include "format/mpegts/packet.hpp"
#include "media/aac.hpp"
#include "media/codec.hpp"
#include "media/frame.hpp"
#include "media/h264.hpp"
#include "media/track.hpp"

/// Tracks and frames for the tests and benchmarks of this room.
namespace sluice::mpegts::sample {

inline Bytes bytes(std::initializer_list<int> values) {
  Bytes out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

/// Parameter sets of x264, Main profile, 25 frames a second.
inline const Bytes kSps320x240 = bytes({0x67, 0x4d, 0x40, 0x0d, 0xec, 0xa0, 0xa0, 0xfd, 0x80, 0x88, 0x00, 0x00,
                                        0x03, 0x00, 0x08, 0x00, 0x00, 0x03, 0x01, 0x90, 0x78, 0xa1, 0x4c, 0xb0});
inline const Bytes kSps640x360 = bytes({0x67, 0x4d, 0x40, 0x1e, 0xec, 0xa0, 0x50, 0x17, 0xfc, 0xb8, 0x08, 0x80,
                                        0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x19, 0x07, 0x8b, 0x16, 0xcb});
inline const Bytes kPps = bytes({0x68, 0xef, 0x8f, 0xc8});

inline media::Track track(std::string_view codec, Bytes config, std::string_view language = "") {
  media::Track track;
  track.codec = media::find_codec(codec);
  track.details = track.codec->details(config).value();
  track.config = Payload::own(std::move(config));
  track.language = language;
  return track;
}
inline media::Track h264(BytesView sps = kSps320x240) {
  const BytesView pps = kPps;
  return track("h264", media::h264::make_config({&sps, 1}, {&pps, 1}).value());
}
inline media::Track aac(std::uint32_t sample_rate = 48'000, std::string_view language = "") {
  return track("aac", media::aac::write_config({.sample_rate = sample_rate, .channel_configuration = 2, .channels = 2}),
               language);
}
/// MPEG-1 layer 3, 128 kbit/s, 48 kHz, stereo: frames of 384 bytes and 24 ms.
inline media::Track mp3() { return track("mp3", bytes({0xff, 0xfb, 0x94, 0x00})); }
inline media::Track data(std::string_view codec) { return track(codec, {}); }

inline media::Tracks tracks(std::vector<media::Track> list) {
  media::assign_ids(list);
  return list;
}

/// `n` bytes that look like coded data: no start code among them, no zero at the end.
inline Bytes coded(std::size_t n, std::uint32_t seed = 1) {
  Bytes out(n);
  for (auto& b : out) {
    seed = seed * 1'664'525 + 1'013'904'223;
    b = static_cast<std::byte>(1 + (seed >> 24) % 255);
  }
  return out;
}

/// An access unit of one slice of `size` bytes, at least 2.
inline Payload picture(bool key, std::size_t size, std::uint32_t seed = 1) {
  Bytes out;
  ByteWriter w(out);
  w.be32(size);
  w.u8(key ? 0x65 : 0x41);  // nal_ref_idc 3, IDR; or 2, not IDR
  w.u8(key ? 0x88 : 0x9a);  // first_mb_in_slice 0, slice_type 7 (I) or 5 (P)
  w.bytes(coded(size - 2, seed));
  return Payload::own(std::move(out));
}

inline Payload mp3_frame(std::uint32_t seed = 1) {
  Bytes out = bytes({0xff, 0xfb, 0x94, 0x00});
  ByteWriter(out).bytes(coded(380, seed));
  return Payload::own(std::move(out));
}

inline media::Frame frame(std::uint32_t track, std::int64_t dts, Payload payload, bool random_access = true,
                          std::int64_t shown_later = 0) {
  return {.track = track,
          .dts = Ticks(dts),
          .pts = Ticks(dts + shown_later),
          .payload = std::move(payload),
          .random_access = random_access};
}

/// Into order of dts, tracks of the same one by one.
inline void interleave(std::vector<media::Frame>& frames) {
  std::ranges::sort(frames, {}, [](const media::Frame& frame) { return std::pair(frame.dts, frame.track); });
}

/// What a reader finds in a whole stream.
struct Found {
  media::Tracks tracks;  ///< the last ones
  unsigned told = 0;     ///< how often there were tracks
  std::vector<media::Frame> frames;
  DemuxerCounters counters;

  [[nodiscard]] std::vector<media::Frame> of(std::uint32_t track) const {
    std::vector<media::Frame> out;
    for (const auto& frame : frames) {
      if (frame.track == track) out.push_back(frame);
    }
    return out;
  }
};
inline Found demux(BytesView stream, std::size_t step = 64 * 1024) {
  Found found;
  Demuxer demuxer;
  const auto drain = [&] {
    while (auto event = demuxer.next()) {
      if (auto* const tracks = std::get_if<media::Tracks>(&*event)) {
        found.tracks = std::move(*tracks);
        ++found.told;
      } else {
        found.frames.push_back(std::move(std::get<media::Frame>(*event)));
      }
    }
  };
  for (std::size_t at = 0; at < stream.size(); at += step) {
    demuxer.push(stream.subspan(at, std::min(step, stream.size() - at)));
    drain();
  }
  demuxer.finish();
  drain();
  found.counters = demuxer.counters();
  return found;
}

/// The packets of a stream of whole packets. Throws where one is malformed.
inline std::vector<PacketView> packets(BytesView stream) {
  std::vector<PacketView> out;
  for (std::size_t at = 0; at < stream.size(); at += kPacketSize) {
    out.push_back(PacketView::parse(stream.subspan(at)).value());
  }
  return out;
}

}  // namespace sluice::mpegts::sample
