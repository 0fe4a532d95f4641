#include "api/server_stats.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <string>

#include "api/answer.hpp"
#include "api/field.hpp"
#include "api/metrics.hpp"
#include "api/sessions.hpp"
#include "core/uuid.hpp"

namespace sluice::api {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

int busiest_percent(const ServerStats& stats) {
  double most = 0;
  for (const ShardStats& shard : stats.shards) most = std::max(most, shard.recent.busy_share);
  return static_cast<int>(most * 100);
}

boost::json::value shards_json(const ServerStats& stats) {
  boost::json::array out;
  for (const ShardStats& shard : stats.shards) out.push_back(shard_fields().json(shard, Rights::view));
  return out;
}

void add_log(Fields<ServerStats>& fields) {
  const auto counter = [](std::string name, std::string doc) {
    return FieldInfo{.name = "log." + name,
                     .type = FieldType::integer,
                     .doc = std::move(doc),
                     .metric = Metric{.kind = Metric::Kind::counter, .name = "log_" + name}};
  };
  fields
      .add(counter("lines", "Lines of the log and the access log."),
           [](const ServerStats& stats) { return stats.log.lines; })
      .add(counter("repeated", "Lines that were held back because they repeat."),
           [](const ServerStats& stats) { return stats.log.repeated; })
      .add(counter("dropped", "Lines that were lost because the disk or the terminal did not keep up."),
           [](const ServerStats& stats) { return stats.log.dropped; });
}

Fields<ServerStats> make_fields() {
  const auto integer = [](std::string name, std::string unit, std::string doc, std::optional<Metric> metric = {}) {
    return FieldInfo{.name = std::move(name),
                     .type = FieldType::integer,
                     .doc = std::move(doc),
                     .unit = std::move(unit),
                     .metric = std::move(metric)};
  };
  Fields<ServerStats> out;
  out.add({.name = "server_version", .doc = "The version of the program."},
          [](const ServerStats& stats) { return stats.version; })
      .add(integer("build", "", "Always 0."), [](const ServerStats&) { return 0; })
      .add(integer("now", "UTC ms", "When this was said."), [](const ServerStats& stats) { return stats.now; })
      .add(integer("started_at", "UTC s", "When the server was started.", Metric{.name = "server_started_at"}),
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
      .add(integer("cpu_usage", "%", "The machine's processors in use, by everybody, since somebody asked before.",
                   Metric{.name = "server_cpu_usage"}),
           [](const ServerStats& stats) { return stats.machine.cpu_percent; })
      .add(integer("memory_usage", "%", "The machine's memory in use, by everybody.",
                   Metric{.name = "server_memory_usage"}),
           [](const ServerStats& stats) { return stats.machine.memory_percent; })
      .add(integer("memory_bytes", "bytes", "Resident memory of the server.", Metric{.name = "server_resident_bytes"}),
           [](const ServerStats& stats) { return stats.machine.resident_bytes; })
      .add(integer("scheduler_load", "%", "The share of its time that the busiest shard works.",
                   Metric{.name = "server_scheduler_load"}),
           [](const ServerStats& stats) { return busiest_percent(stats); })
      .add(integer("total_clients", "", "Viewers.", Metric{.name = "server_total_clients"}),
           [](const ServerStats& stats) { return stats.viewers; })
      .add(integer("total_streams", "", "Streams.", Metric{.name = "server_total_streams"}),
           [](const ServerStats& stats) { return stats.streams; })
      .add(integer("online_streams", "", "Streams that run.", Metric{.name = "server_online_streams"}),
           [](const ServerStats& stats) { return stats.online_streams; })
      .add(integer("input_kbit", "kbit/s", "What comes in.", Metric{.name = "server_input_bitrate"}),
           [](const ServerStats& stats) { return stats.bits_in / 1000; })
      .add(integer("output_kbit", "kbit/s", "What goes out.", Metric{.name = "server_output_bitrate"}),
           [](const ServerStats& stats) { return stats.bits_out / 1000; })
      .add({.name = "transcoder", .type = FieldType::boolean, .doc = "Whether streams can be transcoded here."},
           [](const ServerStats&) { return false; })
      .add({.name = "transcoder_devices", .type = FieldType::array, .doc = "What they are transcoded on."},
           [](const ServerStats&) { return boost::json::value(boost::json::array()); })
      .add({.name = "shards", .type = FieldType::array, .doc = "How each of its threads does."},
           [](const ServerStats& stats) { return shards_json(stats); });
  add_log(out);
  return out;
}

Task<net::HttpResponse> get_stats(Call call) {
  if (wants_open_metrics(call.request)) co_return co_await server_metrics(call.api);
  const auto stats = co_await gather_server_stats(call.api);
  co_return json_answer(server_fields().json(stats, call.rights));
}

}  // namespace

const Fields<ServerStats>& server_fields() {
  static const auto fields = make_fields();
  return fields;
}

Task<ServerStats> gather_server_stats(const Context& api) {
  static Meter meter;
  ServerStats stats{.version = api.version,
                    .now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()),
                    .started_at = api.started_at,
                    .machine = meter.look(std::chrono::steady_clock::now()),
                    .shards = co_await gather_shard_stats(api),
                    .log = log::counts()};
  for (const auto& [name, viewers] : co_await count_viewers(api)) stats.viewers += viewers;
  const auto streams = co_await api.here().registry.status();
  stats.streams = streams.size();
  for (const stream::StreamStatus& stream : streams) {
    if (stream.running) {
      ++stats.online_streams;
      stats.bits_in += stream.bitrate;
    }
    stats.bits_out += stream.out_bandwidth;
  }
  co_return stats;
}

std::span<const Endpoint> server_stats_endpoints() {
  static const std::array all{Endpoint{.method = "GET",
                                       .path = "config/stats",
                                       .rights = Rights::view,
                                       .doc = "How the server does.",
                                       .handle = get_stats}};
  return all;
}

}  // namespace sluice::api
