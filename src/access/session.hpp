#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace sluice::access {

/// One viewer, publisher, puller or pusher, as counted, authorized and shown. Belongs to the shard that admitted it.
struct Session {
  std::string id;     ///< UUID
  std::string name;   ///< of the media
  std::string proto;  ///< "hls", "tshttp", "rtmp"
  std::string ip;
  std::string token;
  std::string user_agent;
  UtcTime opened_at{};
  SteadyTime last_seen{};
  std::uint64_t bytes = 0;
};

}  // namespace sluice::access
