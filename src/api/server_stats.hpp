#pragma once

#include <string_view>
#include <vector>

#include "api/endpoint.hpp"
#include "api/field.hpp"
#include "api/machine.hpp"
#include "api/shard_stats.hpp"
#include "core/log.hpp"

namespace sluice::api {

/// The server at one moment.
struct ServerStats {
  std::string_view version;
  UtcTime now{};
  UtcTime started_at{};
  MachineUse machine;
  std::vector<ShardStats> shards;
  log::Counts log;
  std::size_t viewers = 0;
  std::size_t streams = 0;
  std::size_t online_streams = 0;
  std::uint64_t bits_in = 0;
  std::uint64_t bits_out = 0;
};

const Fields<ServerStats>& server_fields();
Task<ServerStats> gather_server_stats(const Context& api);

/// `config/stats`: how the server does.
std::span<const Endpoint> server_stats_endpoints();

}  // namespace sluice::api
