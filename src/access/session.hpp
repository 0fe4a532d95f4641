#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/time.hpp"

namespace sluice::access {

/// One viewer or publisher, as counted, authorized and shown. Belongs to the shard that admitted it.
struct Session {
  std::string id;     ///< UUID
  std::string name;   ///< of the media
  std::string proto;  ///< "hls", "tshttp", "rtmp"
  std::string ip;
  std::string token;
  std::string user_agent;
  UtcTime opened_at{};
  SteadyTime last_seen{};   ///< of the newest request; means nothing for a connection that lasts
  std::uint64_t bytes = 0;  ///< that left for it, or came from it
  bool publishes = false;
};

}  // namespace sluice::access
