#pragma once

#include <vector>

#include "api/context.hpp"
#include "api/field.hpp"
#include "core/shard.hpp"

namespace sluice::api {

/// How one shard does.
struct ShardStats {
  unsigned index = 0;
  LoadWindow::Recent recent;
  ShardLoad total;
};

const Fields<ShardStats>& shard_fields();

/// Of all shards, by index.
Task<std::vector<ShardStats>> gather_shard_stats(const Context& api);

}  // namespace sluice::api
