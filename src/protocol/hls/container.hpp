#pragma once

#include <cstdint>

namespace sluice::hls {

/// How the segments of a playlist are packed, and what comes with it.
enum class Container : std::uint8_t {
  automatic,   ///< MPEG-TS, or CMAF where MPEG-TS may not carry the video
  ts,          ///< MPEG-TS
  cmaf,        ///< CMAF tracks; several in a segment lie one behind the other
  low_latency  ///< CMAF in parts, one track in a playlist
};

}  // namespace sluice::hls
