#include "api/metrics.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "api/server_stats.hpp"
#include "api/shard_stats.hpp"
#include "api/streams.hpp"

namespace sluice::api {
namespace {

constexpr std::string_view kIntroduction = R"(# Metrics reference

<!-- Generated from the rows of the API in the source; a test compares. Change the rows, then run the tests with
SLUICE_UPDATE_GOLDEN=1. -->

What the server answers to Prometheus: [operate.md](../operate.md#metrics). A counter whose name ends with `_total` here is
of type counter; one without has the name that dashboards know, and is of type unknown.
)";

template <class T, class Label>
Task<void> add_all(OpenMetrics& out, const Fields<T>& fields, const std::vector<T>& items, Label label) {
  std::vector<std::string> labels;
  labels.reserve(items.size());
  Slices slices;
  for (const T& item : items) {
    if (slices.due()) co_await slices.next();
    labels.push_back(label(item));
  }
  co_await add_open_metrics<T>(out, fields, items, labels);
}

Task<void> add_streams(OpenMetrics& out, const Context& api) {
  const auto streams = co_await gather_streams(api);
  co_await add_all(out, stream_fields(), streams,
                   [](const StreamItem& item) { return open_metrics_label("name", item.status.config->name); });
}

Task<void> add_server(OpenMetrics& out, const Context& api) {
  std::vector<ServerStats> server;
  server.push_back(co_await gather_server_stats(api));
  co_await add_all(out, server_fields(), server, [](const ServerStats&) { return std::string(); });
  co_await add_all(out, shard_fields(), server[0].shards,
                   [](const ShardStats& shard) { return open_metrics_label("shard", fmt::format("{}", shard.index)); });
}

Task<net::HttpResponse> all_metrics(Call call) {
  OpenMetrics out;
  co_await add_server(out, call.api);
  co_await add_streams(out, call.api);
  co_return open_metrics_answer(out.take());
}

std::string section(std::string_view title, std::string_view labels, std::span<const FieldInfo> fields) {
  std::string out =
      fmt::format("\n## {}\n\n{}\n\n| metric | kind | | in the API |\n|---|---|---|---|\n", title, labels);
  for (const FieldInfo& field : fields) {
    if (!field.metric) continue;
    const Metric& metric = *field.metric;
    const bool counts = metric.kind == Metric::Kind::counter;
    out += fmt::format("| `{}{}` | {} | {} | `{}`{} |\n", metric.name, counts && !metric.bare ? "_total" : "",
                       counts ? "counter" : "gauge", field.doc, field.name,
                       field.unit.empty() ? "" : ", in " + field.unit);
  }
  return out;
}

}  // namespace

Task<net::HttpResponse> stream_metrics(const Context& api) {
  OpenMetrics out;
  co_await add_streams(out, api);
  co_return open_metrics_answer(out.take());
}

Task<net::HttpResponse> server_metrics(const Context& api) {
  OpenMetrics out;
  co_await add_server(out, api);
  co_return open_metrics_answer(out.take());
}

std::string metrics_reference() {
  std::string out(kIntroduction);
  out += section("The server", "Without labels.", server_fields().info());
  out += section("Each shard", "A shard is a thread that serves. Label `shard`: its number.", shard_fields().info());
  out += section("Each stream", "Label `name`: the stream's.", stream_fields().info());
  return out;
}

std::span<const Endpoint> metrics_endpoints() {
  static const std::array all{Endpoint{.method = "GET",
                                       .path = "metrics",
                                       .rights = Rights::view,
                                       .doc = "Everything that is measured, as OpenMetrics. Also at `/metrics`.",
                                       .handle = all_metrics}};
  return all;
}

}  // namespace sluice::api
