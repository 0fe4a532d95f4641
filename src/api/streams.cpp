#include "api/streams.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

#include "api/collection.hpp"
#include "api/config_fields.hpp"
#include "api/json_tracks.hpp"
#include "api/metrics.hpp"
#include "api/sessions.hpp"
#include "core/slices.hpp"
#include "protocol/input_schemes.hpp"
#include "stream/segment.hpp"

namespace sluice::api {
namespace {

using std::chrono::seconds;
using Kind = Metric::Kind;

constexpr auto kAlive = seconds(12);
constexpr std::size_t kPage = 100;
constexpr std::array<std::string_view, 2> kSort{"named_by", "position"};

bool is_alive(const StreamItem& item) { return item.status.running && item.status.since_frame < kAlive; }

std::uint64_t kilobits(std::uint64_t bits) { return bits / 1000; }

std::optional<std::string> nonempty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// The address or the protocol of "rtmp://10.0.0.1".
std::optional<std::string_view> publisher(const StreamItem& item, bool address) {
  const std::string_view url = item.status.source;
  const auto at = url.find("://");
  if (!item.status.has_publisher || at == std::string_view::npos) return std::nullopt;
  return address ? url.substr(at + 3) : url.substr(0, at);
}

boost::json::value media_info(const StreamItem& item) {
  if (item.status.run == nullptr) return {};
  return boost::json::object{{"flow_type", "stream"}, {"tracks", tracks_json(item.status.run->tracks)}};
}

void add_identity(Fields<StreamItem>& fields) {
  fields
      .add({.name = "name", .doc = "Its name.", .always = true, .searched = true},
           [](const StreamItem& item) -> const std::string& { return item.status.config->name; })
      .add({.name = "named_by",
            .doc = "`config`: it is in the configuration; `user`: a template made it for a publisher or viewer.",
            .words = {"config", "user"}},
           [](const StreamItem& item) { return std::string_view(item.status.published ? "user" : "config"); })
      .add({.name = "stats.id", .doc = "Of this stream, among those that had its name."},
           [](const StreamItem& item) -> const std::string& { return item.status.id; })
      .add({.name = "position", .type = FieldType::integer, .doc = "Its place in the config, from 0."},
           [](const StreamItem& item) { return item.position; });
}

/// What is configured for it: the rows of the config.
void add_config(Fields<StreamItem>& fields) {
  constexpr std::array<std::string_view, 2> kSearched{"title", "inputs"};
  const auto& schema = protocol::stream_schema();
  for (const auto& row : schema.rows()) {
    if (!row.to_json) continue;
    auto info = field_of(row.info);
    info.searched = std::ranges::find(kSearched, info.name) != kSearched.end();
    fields.add(std::move(info), [&row](const StreamItem& item) {
      return config::Schema<stream::StreamConfig>::to_json(row, *item.status.config);
    });
  }
}

void add_state(Fields<StreamItem>& fields) {
  fields
      .add({.name = "stats.status",
            .doc = "`running`: frames come in; `waiting`: none do.",
            .words = {"running", "waiting"}},
           [](const StreamItem& item) { return std::string_view(item.status.running ? "running" : "waiting"); })
      .add({.name = "stats.alive",
            .type = FieldType::boolean,
            .doc = "Whether a frame came within the last 12 s.",
            .metric = Metric{.name = "stream_alive"}},
           is_alive)
      .add({.name = "stats.follows_clock",
            .type = FieldType::boolean,
            .doc = "Whether media time follows the wall clock: within 2 s in half a minute.",
            .metric = Metric{.name = "stream_follows_clock"}},
           [](const StreamItem& item) { return item.status.follows_clock; })
      .add({.name = "stats.media_speed",
            .type = FieldType::number,
            .doc = "Seconds of media for each second, over half a minute; nothing before there are ten seconds.",
            .metric = Metric{.name = "stream_media_speed"}},
           [](const StreamItem& item) { return item.status.media_speed; })
      .add({.name = "stats.url",
            .doc = "Who feeds it: an input of the configuration, or `rtmp://` with the publisher's address.",
            .searched = true},
           [](const StreamItem& item) { return nonempty(item.status.source); })
      .add({.name = "stats.published_from", .doc = "The address of the publisher that feeds it."},
           [](const StreamItem& item) { return publisher(item, true); })
      .add({.name = "stats.published_via", .doc = "The protocol by which it is published."},
           [](const StreamItem& item) { return publisher(item, false); })
      .add({.name = "stats.media_info", .type = FieldType::object, .doc = "Its tracks, once they are known."},
           media_info);
}

void add_times(Fields<StreamItem>& fields) {
  const auto time = [](std::string name, std::string doc) {
    return FieldInfo{
        .name = "stats." + std::move(name), .type = FieldType::integer, .doc = std::move(doc), .unit = "UTC ms"};
  };
  fields
      .add(time("opened_at", "When the stream was made."), [](const StreamItem& item) { return item.status.opened_at; })
      .add(time("started_at", "When it began to run."), [](const StreamItem& item) { return item.status.started_at; })
      .add(time("last_access_at", "When somebody played it last, or it was made."),
           [](const StreamItem& item) { return item.status.used_at; })
      .add(time("last_dts_at", "When the newest frame arrived."),
           [](const StreamItem& item) { return item.status.frame_at; })
      .add({.name = "stats.last_dts",
            .type = FieldType::integer,
            .doc = "The decoding time of the newest frame.",
            .unit = "ms"},
           [](const StreamItem& item) { return item.status.last_dts; });
}

void add_measurements(Fields<StreamItem>& fields) {
  const auto bitrate = [](const StreamItem& item) { return item.status.running ? kilobits(item.status.bitrate) : 0; };
  const auto out_bandwidth = [](const StreamItem& item) { return kilobits(item.status.out_bandwidth); };
  const auto viewers = [](const StreamItem& item) { return item.viewers; };
  const auto integer = [](std::string name, std::string unit, std::string doc, std::optional<Metric> metric = {}) {
    return FieldInfo{.name = "stats." + std::move(name),
                     .type = FieldType::integer,
                     .doc = std::move(doc),
                     .unit = std::move(unit),
                     .metric = std::move(metric)};
  };
  fields.add(integer("bitrate", "kbit/s", "What came in over the last 5 s.", Metric{.name = "stream_bitrate"}), bitrate)
      .add(integer("input_bitrate", "kbit/s", "The same as `bitrate`."), bitrate)
      .add(integer("bytes_in", "bytes", "What came in since the stream was made.",
                   Metric{.kind = Kind::counter, .name = "stream_bytes_in", .bare = true}),
           [](const StreamItem& item) { return item.status.bytes_in; })
      .add(integer("bytes_out", "bytes", "What went out to viewers since the stream was made.",
                   Metric{.kind = Kind::counter, .name = "stream_bytes_out", .bare = true}),
           [](const StreamItem& item) { return item.status.bytes_out; })
      .add(integer("out_bandwidth", "kbit/s", "What went out over the last 5 s.",
                   Metric{.name = "stream_out_bandwidth"}),
           out_bandwidth)
      .add(integer("output_bitrate", "kbit/s", "The same as `out_bandwidth`."), out_bandwidth)
      .add(integer("frames_in", "", "Frames that came in since the stream was made.",
                   Metric{.kind = Kind::counter, .name = "stream_frames_in"}),
           [](const StreamItem& item) { return item.status.frames_in; })
      .add(integer("online_clients", "", "Viewers.", Metric{.name = "stream_online_clients"}), viewers)
      .add(integer("client_count", "", "The same as `online_clients`.", Metric{.name = "stream_client_count"}), viewers)
      .add(integer("lifetime", "ms", "Time since it began to run."),
           [](const StreamItem& item) { return item.status.lifetime; })
      .add(integer("ts_delay", "ms", "Time since the newest frame.",
                   Metric{.name = "stream_ts_delay_seconds", .scale = 0.001}),
           [](const StreamItem& item) { return item.status.since_frame; })
      .add(integer("retry_count", "", "How often an input ended and was started again.",
                   Metric{.kind = Kind::counter, .name = "stream_retry_count", .bare = true}),
           [](const StreamItem& item) { return item.status.retry_count; })
      .add(integer("held_bytes", "bytes", "Memory that holds its media.", Metric{.name = "stream_held_bytes"}),
           [](const StreamItem& item) { return item.status.held_bytes; })
      .add(integer("pinned_bytes", "bytes", "Of the held bytes, what only slow viewers keep.",
                   Metric{.name = "stream_pinned_bytes"}),
           [](const StreamItem& item) { return item.status.pinned_bytes; })
      .add(integer("viewers_skipped", "", "How often a slow viewer was moved on to a newer start.",
                   Metric{.kind = Kind::counter, .name = "stream_viewers_skipped"}),
           [](const StreamItem& item) { return item.status.viewers_skipped; })
      .add(integer("viewers_cut", "", "Slow viewers that were cut off.",
                   Metric{.kind = Kind::counter, .name = "stream_viewers_cut"}),
           [](const StreamItem& item) { return item.status.viewers_cut; });
}

Task<net::HttpResponse> list_streams(Call call) {
  if (wants_open_metrics(call.request)) co_return co_await stream_metrics(call.api);
  const auto began = std::chrono::steady_clock::now();
  auto items = co_await gather_streams(call.api);
  const auto load = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  co_return co_await list_answer(call, stream_fields(), std::move(items), load);
}

/// What everybody may know.
const Fields<StreamItem>& public_fields() {
  static const auto fields = [] {
    constexpr std::array<std::string_view, 6> kNames{
        "name", "title", "stats.status", "stats.alive", "stats.last_dts_at", "stats.media_info"};
    Fields<StreamItem> out;
    for (const Field<StreamItem>& row : stream_fields().rows()) {
      if (std::ranges::find(kNames, row.info.name) != kNames.end()) out.add(row.info, row.get);
    }
    return out;
  }();
  return fields;
}

Task<net::HttpResponse> list_public_streams(Call call) {
  const auto began = std::chrono::steady_clock::now();
  std::vector<StreamItem> items;
  for (auto& status : co_await call.api.here().registry.status()) items.push_back({.status = std::move(status)});
  const auto load = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  co_return co_await list_answer(call, public_fields(), std::move(items), load);
}

}  // namespace

const Fields<StreamItem>& stream_fields() {
  static const auto fields = [] {
    Fields<StreamItem> out;
    add_identity(out);
    add_config(out);
    add_state(out);
    add_times(out);
    add_measurements(out);
    return out;
  }();
  return fields;
}

Task<std::vector<StreamItem>> gather_streams(const Context& api) {
  auto statuses = co_await api.here().registry.status();
  const auto viewers = co_await count_viewers(api);
  std::unordered_map<std::string, std::size_t> positions;
  for (const stream::StreamConfig& config : api.here().registry.plan().streams) {
    positions.emplace(config.name, positions.size());
  }
  std::vector<StreamItem> out;
  out.reserve(statuses.size());
  Slices slices;
  for (stream::StreamStatus& status : statuses) {
    if (slices.due()) co_await slices.next();
    const auto count = viewers.find(status.config->name);
    const auto place = positions.find(status.config->name);
    out.push_back({.status = std::move(status),
                   .viewers = count == viewers.end() ? 0 : count->second,
                   .position = place == positions.end() ? std::nullopt : std::optional(place->second)});
  }
  co_return out;
}

Task<std::optional<StreamItem>> gather_stream(const Context& api, std::string name) {
  auto status = co_await api.here().registry.status(name);
  if (!status) co_return std::nullopt;
  const auto viewers = co_await count_viewers(api);
  const auto count = viewers.find(name);
  const auto& streams = api.here().registry.plan().streams;
  const auto place = std::ranges::find(streams, name, &stream::StreamConfig::name);
  StreamItem item{.status = *std::move(status), .viewers = count == viewers.end() ? 0 : count->second};
  if (place != streams.end()) item.position = static_cast<std::size_t>(place - streams.begin());
  co_return item;
}

std::span<const Endpoint> stream_endpoints() {
  static const std::array all{
      Endpoint{
          .method = "GET",
          .path = "streams",
          .rights = Rights::view,
          .doc = "All streams: those of the configuration and those that templates have made.",
          .handle = list_streams,
          .listed =
              Listed{
                  .plural = "streams", .fields = [] { return stream_fields().info(); }, .sort = kSort, .limit = kPage}},
      Endpoint{.method = "GET",
               .path = "/-/streams",
               .rights = Rights::none,
               .doc = "What everybody may know of the streams.",
               .handle = list_public_streams,
               .listed = Listed{.plural = "streams", .fields = [] { return public_fields().info(); }, .limit = kPage}},
  };
  return all;
}

}  // namespace sluice::api
