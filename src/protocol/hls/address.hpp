#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stream/view.hpp"

namespace sluice::hls {

/// What the segments of a playlist are.
enum class Container : std::uint8_t {
  automatic,  ///< MPEG-TS where it carries the video, else CMAF
  ts,
  cmaf,
  low_latency,  ///< CMAF with parts
};

/// What a URL behind the name of a media means.
struct Address {
  enum class Kind : std::uint8_t {
    master,   ///< index.m3u8, playlist.m3u8
    media,    ///< mono.m3u8, video.m3u8, tracks-v1/index.m3u8
    segment,  ///< tracks-v1/2026/03/22/08/06/37-05000.ts, tracks-v1/segment-38530.m4s
    part,     ///< tracks-v1/part-38530.3.m4s
    init,     ///< tracks-v1/init-0123456789abcdef.mp4
  };
  Kind kind = Kind::master;
  Container container = Container::automatic;
  std::optional<stream::View> tracks;  ///< of "tracks-v1a1/"
  bool all_audio = false;              ///< video.m3u8: every audio track in one segment
  std::string name;                    ///< of a segment, "2026/03/22/08/06/37-05000", or the hash of an init
  bool text = false;                   ///< a segment of WebVTT
  std::uint64_t number = 0;            ///< of a low-latency segment, or of the segment that a part belongs to
  std::uint32_t part = 0;
};

/// Reads the part of a path behind the media's name.
std::optional<Address> parse_address(std::string_view rest);

/// The length of the media's name in a path that ends in an address of this protocol.
std::optional<std::size_t> match(std::string_view path);

}  // namespace sluice::hls
