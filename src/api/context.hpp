#pragma once

#include <span>
#include <string_view>

#include "access/sessions.hpp"
#include "api/config_access.hpp"
#include "core/shard.hpp"
#include "core/time.hpp"
#include "stream/registry.hpp"

namespace sluice::api {

/// What the API asks and changes on one shard; each is touched on that shard alone.
struct ShardContext {
  Shard& shard;
  stream::Registry& registry;
  access::Sessions& sessions;
  TaskScope& tasks;  ///< for what the API starts there
};

/// What the endpoints work on. Made once for each shard, from which they are called; outlives every call.
struct Context {
  std::span<const ShardContext> shards;  ///< by index
  std::size_t own = 0;                   ///< the shard of the call
  std::string_view version;              ///< of the program
  UtcTime started_at{};
  ConfigAccess* config = nullptr;

  [[nodiscard]] const ShardContext& here() const { return shards[own]; }
};

}  // namespace sluice::api
