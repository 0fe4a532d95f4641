#pragma once

#include <cstdint>
#include <optional>

#include "net/http.hpp"
#include "protocol/hls/media_playlist.hpp"

namespace sluice::hls {

/// The Delivery Directives of a request, RFC 8216bis section 6.2.5.
struct Directives {
  std::optional<std::uint64_t> msn;   ///< _HLS_msn
  std::optional<std::uint64_t> part;  ///< _HLS_part
  bool skip = false;                  ///< _HLS_skip: a delta update will do

  /// Nothing for numbers that are none, and for a part without its segment.
  static std::optional<Directives> parse(const net::HttpRequest& request);
};

/// What a blocking reload has to do now.
enum class Reload : std::uint8_t {
  answer,  ///< the playlist has what was asked for
  wait,
  refuse  ///< it asks for the far future
};
Reload reload(const Directives& directives, const Edge& edge, Ticks part_target);

}  // namespace sluice::hls
