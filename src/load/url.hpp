#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace sluice::load {

/// How a URL is played.
enum class Kind : std::uint8_t { rtmp, http_flv, http_ts, hls, tcp };
std::string_view to_string(Kind kind);

/// One URL to publish to or to play, taken apart.
struct Target {
  Kind kind = Kind::rtmp;
  std::string url;  ///< as the user wrote it
  std::string host;
  std::string address;  ///< numeric; empty until resolve()
  std::uint16_t port = 0;
  std::string path;    ///< of HTTP, with its query
  std::string app;     ///< of RTMP
  std::string key;     ///< of RTMP, with its query
  std::string tc_url;  ///< of RTMP
};

/// Takes a URL apart. The kind is told by scheme and path:
///
///     rtmp://HOST/APP/KEY                  RTMP
///     http://HOST/NAME.flv, .../flv        HTTP-FLV
///     http://HOST/NAME/mpegts, .../x.ts    HTTP-TS
///     http://HOST/NAME/index.m3u8          HLS; low latency where the playlist offers it
///     tcp://HOST:PORT                      bytes that nobody looks at
///
/// Error: bad_url.
Result<Target> parse_target(std::string_view url);

/// Finds the address of the host. Blocks on the system's resolver. Error: unknown_host.
Result<void> resolve(Target& target);

/// `url` for every stream of `count`: with %d replaced by 1 to `count`; `url` alone where it has no %d.
std::vector<std::string> expand(std::string_view url, unsigned count);

}  // namespace sluice::load
