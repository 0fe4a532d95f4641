#pragma once

#include <initializer_list>
#include <utility>

#include "core/bytes.hpp"
#include "media/track.hpp"

/// Tracks for the tests, fuzz targets and benchmarks of this room.
namespace sluice::mp4 {

inline Bytes bytes_of(std::initializer_list<int> values) {
  Bytes out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

inline media::Track video_track() {
  media::Track track{.codec = media::find_codec("h264"),
                     .config = Payload::own(bytes_of({1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 1, 0x67, 1, 0, 1, 0x68})),
                     .language = "eng"};
  track.details = {
      .width = 1024, .height = 576, .pixel_width = 720, .pixel_height = 576, .sar_width = 64, .sar_height = 45};
  return track;
}

inline media::Track aac_track() {
  media::Track track{.codec = media::find_codec("aac"), .config = Payload::own(bytes_of({0x11, 0x90}))};
  track.details = {.sample_rate = 48'000, .channels = 2, .samples_per_frame = 1024};
  return track;
}

inline media::Track mp3_track() {
  media::Track track{.codec = media::find_codec("mp3"), .config = Payload::own(bytes_of({0xff, 0xfb, 0x90, 0x00}))};
  track.details = {.sample_rate = 44'100, .channels = 2, .samples_per_frame = 1152};
  return track;
}

inline media::Track text_track() { return {.codec = media::find_codec("webvtt"), .language = "deu"}; }

inline media::Track id3_track() { return {.codec = media::find_codec("id3")}; }
inline media::Track klv_track() { return {.codec = media::find_codec("klv")}; }

}  // namespace sluice::mp4
