#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time.hpp"
#include "format/m3u8/media_playlist.hpp"

namespace sluice::m3u8 {

/// A request for a Media Playlist and what came back.
struct Exchange {
  SteadyTime requested{};
  SteadyTime answered{};              ///< when the last byte of the answer was there
  std::optional<std::uint64_t> msn;   ///< _HLS_msn
  std::optional<std::uint64_t> part;  ///< _HLS_part
  bool skip = false;                  ///< _HLS_skip=YES or v2
  int status = 200;                   ///< of HTTP
  std::string_view text;              ///< the body, without content encoding
};

/// What a checker grants to clocks and networks, and what it knows of the stream.
struct CheckerOptions {
  Duration date_time_tolerance{50'000};  ///< of a segment's EXT-X-PROGRAM-DATE-TIME against the one before
  Duration delivery_tolerance{250'000};  ///< of times measured here: network, scheduling
  bool low_latency = false;              ///< the Low-Latency Server Configuration Profile, appendix B.1, applies
  bool source_may_pause = false;         ///< segments and parts may come late where a discontinuity follows
};

}  // namespace sluice::m3u8
