#pragma once

#include <cstdint>

namespace sluice::net {

/// What became of the HTTP/2 connections of a shard.
struct Http2Counters {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t reset_by_peer = 0;  ///< requests that were taken back before their answer was complete
  // Connections that were ended, by what there was too much of.
  std::uint64_t floods_of_resets = 0;
  std::uint64_t floods_of_settings = 0;
  std::uint64_t floods_of_pings = 0;
  std::uint64_t floods_of_continuations = 0;
  std::uint64_t floods_of_empty_frames = 0;
  std::uint64_t floods_of_others = 0;  ///< priorities, window updates, frames that nobody knows, asking and not reading
  std::uint64_t too_long_heads = 0;    ///< more than 64 KiB of fields in one request
  std::uint64_t protocol_errors = 0;
  std::uint64_t too_slow = 0;  ///< took nothing of what they asked for, or did not finish their request

  Http2Counters& operator+=(const Http2Counters& other);
};

}  // namespace sluice::net
