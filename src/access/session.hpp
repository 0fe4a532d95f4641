#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/time.hpp"

namespace sluice::access {

enum class SessionType : std::uint8_t {
  play,     ///< a viewer
  publish,  ///< who feeds a stream
  api       ///< asks about a media, and plays nothing of it
};

/// One viewer or publisher, as counted, authorized and shown. Belongs to the shard that admitted it.
struct Session {
  std::string id;  ///< UUID
  SessionType type = SessionType::play;
  std::string name;   ///< of the media
  std::string proto;  ///< "hls", "tshttp", "rtmp"
  std::string ip;
  std::string token;
  std::string user_agent;
  UtcTime opened_at{};
  std::optional<SteadyTime> served_at;  ///< of one of many requests: the newest that was not refused
  std::uint64_t bytes = 0;              ///< that left for it, or came from it
};

}  // namespace sluice::access
