#include "api/server_stats.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <string>

#include "api/answer.hpp"
#include "api/field.hpp"
#include "api/machine.hpp"
#include "api/sessions.hpp"
#include "core/uuid.hpp"

namespace sluice::api {
namespace {

/// The server at one moment.
struct ServerStats {
  std::string_view version;
  UtcTime now{};
  UtcTime started_at{};
  MachineUse machine;
  int busiest_shard_percent = 0;
  std::size_t viewers = 0;
  std::size_t streams = 0;
  std::size_t online_streams = 0;
  std::uint64_t bits_in = 0;
  std::uint64_t bits_out = 0;
};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Fields<ServerStats> make_fields() {
  const auto integer = [](std::string name, std::string unit, std::string doc) {
    return FieldInfo{
        .name = std::move(name), .type = FieldType::integer, .doc = std::move(doc), .unit = std::move(unit)};
  };
  Fields<ServerStats> out;
  out.add({.name = "server_version", .doc = "The version of the program."},
          [](const ServerStats& stats) { return stats.version; })
      .add(integer("build", "", "Always 0."), [](const ServerStats&) { return 0; })
      .add(integer("now", "UTC ms", "When this was said."), [](const ServerStats& stats) { return stats.now; })
      .add(integer("started_at", "UTC s", "When the server was started."),
           [](const ServerStats& stats) {
             return std::chrono::floor<std::chrono::seconds>(stats.started_at).time_since_epoch();
           })
      .add(integer("uptime", "s", "Time since the server was started."),
           [](const ServerStats& stats) {
             return std::chrono::floor<std::chrono::seconds>(stats.now - stats.started_at);
           })
      .add({.name = "streamer_status", .doc = "`running`, when it answers at all.", .words = {"running"}},
           [](const ServerStats&) { return std::string_view("running"); })
      .add({.name = "hostname", .doc = "What the machine is called."}, [](const ServerStats&) { return host_name(); })
      .add({.name = "id", .doc = "Of this run of the server."},
           [](const ServerStats&) {
             static const std::string id = make_uuid();
             return id;
           })
      .add(integer("cpu_usage", "%", "The machine's processors in use, by everybody, since somebody asked before."),
           [](const ServerStats& stats) { return stats.machine.cpu_percent; })
      .add(integer("memory_usage", "%", "The machine's memory in use, by everybody."),
           [](const ServerStats& stats) { return stats.machine.memory_percent; })
      .add(integer("memory_bytes", "bytes", "Resident memory of the server."),
           [](const ServerStats& stats) { return stats.machine.resident_bytes; })
      .add(integer("scheduler_load", "%", "The share of its time that the busiest shard works."),
           [](const ServerStats& stats) { return stats.busiest_shard_percent; })
      .add(integer("total_clients", "", "Viewers."), [](const ServerStats& stats) { return stats.viewers; })
      .add(integer("total_streams", "", "Streams."), [](const ServerStats& stats) { return stats.streams; })
      .add(integer("online_streams", "", "Streams that run."),
           [](const ServerStats& stats) { return stats.online_streams; })
      .add(integer("input_kbit", "kbit/s", "What comes in."),
           [](const ServerStats& stats) { return stats.bits_in / 1000; })
      .add(integer("output_kbit", "kbit/s", "What goes out."),
           [](const ServerStats& stats) { return stats.bits_out / 1000; })
      .add({.name = "transcoder", .type = FieldType::boolean, .doc = "Whether streams can be transcoded here."},
           [](const ServerStats&) { return false; })
      .add({.name = "transcoder_devices", .type = FieldType::array, .doc = "What they are transcoded on."},
           [](const ServerStats&) { return boost::json::value(boost::json::array()); });
  return out;
}

Task<net::HttpResponse> get_stats(Call call) {
  static Meter meter;
  const auto now = std::chrono::steady_clock::now();
  ServerStats stats{.version = call.api.version,
                    .now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()),
                    .started_at = call.api.started_at,
                    .machine = meter.look(now)};
  for (const ShardContext& there : call.api.shards) {
    const auto busy = co_await call_on(there.shard, [&there] { return there.shard.load().busy; });
    const int percent = meter.shard_percent(there.shard.index(), busy, now);
    stats.busiest_shard_percent = std::max(stats.busiest_shard_percent, percent);
  }
  for (const auto& [name, viewers] : co_await count_viewers(call.api)) stats.viewers += viewers;
  const auto streams = co_await call.api.here().registry.status();
  stats.streams = streams.size();
  for (const stream::StreamStatus& stream : streams) {
    if (stream.running) {
      ++stats.online_streams;
      stats.bits_in += stream.bitrate;
    }
    stats.bits_out += stream.out_bandwidth;
  }
  static const auto fields = make_fields();
  co_return json_answer(fields.json(stats, call.rights));
}

}  // namespace

std::span<const Endpoint> server_stats_endpoints() {
  static const std::array all{Endpoint{.method = "GET",
                                       .path = "config/stats",
                                       .rights = Rights::view,
                                       .doc = "How the server does.",
                                       .handle = get_stats}};
  return all;
}

}  // namespace sluice::api
