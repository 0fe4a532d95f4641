#include "api/shard_stats.hpp"

#include <chrono>

namespace sluice::api {
namespace {

using Seconds = std::chrono::duration<double>;
using Milliseconds = std::chrono::duration<double, std::milli>;

Fields<ShardStats> make_fields() {
  Fields<ShardStats> out;
  out.add({.name = "shard", .type = FieldType::integer, .doc = "Its number."},
          [](const ShardStats& shard) { return shard.index; })
      .add({.name = "load",
            .type = FieldType::number,
            .doc = "The share of the last 10 s for which it worked, 0 to 1.",
            .metric = Metric{.name = "shard_load"}},
           [](const ShardStats& shard) { return shard.recent.busy_share; })
      .add({.name = "longest_pause",
            .type = FieldType::number,
            .doc = "The longest that anything on it had to wait for anything else in the last 10 s.",
            .unit = "ms",
            .metric = Metric{.name = "shard_longest_pause_seconds", .scale = 0.001}},
           [](const ShardStats& shard) { return Milliseconds(shard.recent.longest_turn).count(); })
      .add({.name = "longest_pause_ever",
            .type = FieldType::number,
            .doc = "The same since the server was started.",
            .unit = "ms"},
           [](const ShardStats& shard) { return Milliseconds(shard.total.longest_turn).count(); })
      .add({.name = "busy",
            .type = FieldType::number,
            .doc = "For how long it has worked since the server was started.",
            .unit = "s",
            .metric = Metric{.kind = Metric::Kind::counter, .name = "shard_busy_seconds"}},
           [](const ShardStats& shard) { return Seconds(shard.total.busy).count(); })
      .add({.name = "bytes_sent",
            .type = FieldType::integer,
            .doc = "What its sockets have sent since the server was started.",
            .unit = "bytes",
            .metric = Metric{.kind = Metric::Kind::counter, .name = "shard_sent_bytes"}},
           [](const ShardStats& shard) { return shard.total.bytes_sent; });
  return out;
}

}  // namespace

const Fields<ShardStats>& shard_fields() {
  static const auto fields = make_fields();
  return fields;
}

Task<std::vector<ShardStats>> gather_shard_stats(const Context& api) {
  std::vector<ShardStats> out;
  out.reserve(api.shards.size());
  for (const ShardContext& there : api.shards) {
    out.push_back(co_await call_on(there.shard, [&shard = there.shard] {
      return ShardStats{.index = shard.index(), .recent = shard.recent_load(), .total = shard.load()};
    }));
  }
  co_return out;
}

}  // namespace sluice::api
