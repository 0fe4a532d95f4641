#include "app/server_schema.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "access/api_access_schema.hpp"
#include "app/config_json.hpp"
#include "app/tls_schema.hpp"
#include "config/reference.hpp"
#include "protocol/input_schemes.hpp"
#include "stream/stream_schema.hpp"

namespace sluice::app {
namespace {

namespace json = boost::json;

using config::Fault;
using config::Kind;
using config::Printer;
using config::Reader;
using config::Rewrite;
using config::row;
using config::Row;
using config::Schema;
using config::shown;
using config::Statement;
using config::Support;
using stream::StreamConfig;
using stream::TemplateConfig;

/// The levels of syslog; of several with commas between them the most talkative counts.
Kind<LogLevel> log_level() {
  auto kind = config::one_of<LogLevel>({{"debug", LogLevel::debug},
                                        {"info", LogLevel::info},
                                        {"notice", LogLevel::notice},
                                        {"warning", LogLevel::warning},
                                        {"error", LogLevel::error},
                                        {"critical", LogLevel::critical},
                                        {"alert", LogLevel::alert},
                                        {"none", LogLevel::none}});
  kind.parse = [one = kind.parse](std::string_view words) -> std::optional<LogLevel> {
    LogLevel level = LogLevel::none;
    while (true) {
      const auto word = words.substr(0, words.find(','));
      const auto found = one(word);
      if (!found) return std::nullopt;
      level = std::min(level, *found);
      if (word.size() == words.size()) return level;
      words.remove_prefix(word.size() + 1);
    }
  };
  return kind;
}

Kind<std::uint16_t> port_number() { return config::integer<std::uint16_t>(1, 65535); }

/// An address to listen on, alone.
Kind<std::string> ip_address() {
  auto kind = config::text("ADDRESS");
  kind.expected = "an IPv4 or IPv6 address in digits, or an empty text for every address";
  kind.parse = [](std::string_view text) -> std::optional<std::string> {
    if (text.empty()) return std::string();
    const auto bracketed = text.find(':') == std::string_view::npos ? std::string(text) : '[' + std::string(text) + ']';
    if (!config::listen_address().parse(bracketed + ":1")) return std::nullopt;
    return std::string(text);
  };
  return kind;
}

json::object listener_schema(const Schema<Listener>& block) {
  auto out = config::schema_of(block.info());
  auto& properties = out["properties"].get_object();
  properties["port"] = config::schema_of(port_number().json);
  properties["address"] = {{"type", "string"}, {"description", "IPv4 or IPv6 in digits; without it every address."}};
  out["required"] = json::array{"port"};
  return out;
}

/// Port and address of a listener in JSON, or nothing after a message.
std::optional<Listener> read_address(Reader& in, const json::object& json) {
  const auto member = [&json](std::string_view name) {
    const auto* found = json.if_contains(name);
    return found == nullptr ? json::value() : *found;
  };
  std::optional<std::uint16_t> port;
  {
    const auto step = in.enter("port");
    port = in.value(member("port"), port_number());
  }
  if (!port) return std::nullopt;
  Listener made{.port = *port};
  if (member("address").is_null()) return made;
  const auto step = in.enter("address");
  const auto address = in.value(member("address"), ip_address());
  if (!address) return std::nullopt;
  made.address = *address;
  return made;
}

Row<ServerConfig> listener(const std::string& name, std::vector<Listener> ServerConfig::* member,
                           const Schema<Listener>& block, std::string doc) {
  const bool has_block = !block.rows().empty();
  Row<ServerConfig> row{.info = {.name = name,
                                 .syntax = config::listen_address().syntax + (has_block ? " [{...}]" : ""),
                                 .doc = std::move(doc),
                                 .repeatable = true}};
  if (has_block) row.info.blocks.push_back(block.share_info());
  row.info.json = {.path = "listeners." + name, .schema = {{"type", "array"}, {"items", listener_schema(block)}}};
  row.read = [=](Reader& in, const Statement& statement, ServerConfig& target) {
    if (has_block ? !in.has_at_most(statement, 1) : !in.ends_after(statement, 1)) return;
    const auto where = in.argument(statement, 0, config::listen_address());
    if (!where) return;
    Listener made{.address = where->address, .port = where->port, .origin = {statement.at}};
    block.read(in, statement.block, made);
    (target.*member).push_back(std::move(made));
  };
  row.write = [=](Printer& out, const ServerConfig& value, const ServerConfig&) {
    for (const Listener& entry : value.*member) {
      const std::vector words{config::listen_address().print({entry.address, entry.port})};
      if (entry == Listener{.address = entry.address, .port = entry.port}) {
        out.statement(name, words);
      } else {
        out.open(name, words);
        block.write(out, entry, {});
        out.close();
      }
    }
  };
  row.to_json = [=](const ServerConfig& from) {
    json::array out;
    for (const Listener& entry : from.*member) {
      auto made = block.to_json(entry, Listener{});
      made["port"] = entry.port;
      if (!entry.address.empty()) made["address"] = entry.address;
      out.push_back(std::move(made));
    }
    return out;
  };
  row.from_json = [=](Reader& in, const json::value& json, ServerConfig& target) {
    (target.*member).clear();
    const auto* entries = in.array(json);
    for (std::size_t i = 0; entries != nullptr && i < entries->size() && !in.full(); ++i) {
      const auto step = in.enter(i);
      const auto* entry = in.object((*entries)[i]);
      auto made = entry == nullptr ? std::nullopt : read_address(in, *entry);
      if (!made) continue;
      block.from_json(in, *entry, *made);
      (target.*member).push_back(*std::move(made));
    }
  };
  return row;
}

/// What a stream starts from: the template that its block names, or the server's defaults.
const StreamConfig& base_of(Reader& in, const std::vector<Statement>& block, const ServerConfig& config) {
  for (const Statement& statement : block) {
    if (statement.name != "template" || statement.args.size() != 1) continue;
    const auto& name = statement.args[0];
    if (name.text == "false" && !name.quoted) continue;
    if (const auto* found = find_template(config, name.text)) return found->options;
    in.error(name.at, unknown_template(config, name.text), {}, Fault::bad_value);
  }
  return config.stream_defaults;
}

/// The block of a stream or template; `stream NAME URL;` is the old form of a block with that input.
std::vector<Statement> block_of(const Statement& statement) {
  std::vector<Statement> block;
  if (statement.args.size() > 1) {
    block.push_back(config::make_statement("input", {statement.args.begin() + 1, statement.args.end()}, statement));
  }
  block.insert(block.end(), statement.block.begin(), statement.block.end());
  return block;
}

/// The name of a stream or template, or nothing after a message.
std::optional<std::string> name_of(Reader& in, const Statement& statement) {
  const bool one_line = statement.args.size() > 1 && statement.args[1].text.find("://") != std::string::npos;
  if (!one_line && !in.has_at_most(statement, 1)) return std::nullopt;
  return in.argument(statement, 0, stream::stream_name());
}

/// An array of objects that have names, each as the schema of that name in the OpenAPI document.
config::JsonInfo named_objects(std::string path, const std::string& schema) {
  return {.path = std::move(path),
          .schema = {{"type", "array"}, {"items", {{"$ref", "#/components/schemas/" + schema}}}}};
}

Row<ServerConfig> stream_row(const Schema<StreamConfig>& block) {
  Row<ServerConfig> row{.info = {.name = "stream",
                                 .syntax = "NAME {...}",
                                 .doc = "A stream. `ondemand NAME {...}` is the same with `static false`.",
                                 .repeatable = true,
                                 .blocks = {block.share_info()},
                                 .json = named_objects("streams", "stream_config")}};
  row.read = [block](Reader& in, const Statement& statement, ServerConfig& target) {
    const auto step = in.enter(target.streams.size());
    const auto name = name_of(in, statement);
    if (!name) return;
    auto inside = block_of(statement);
    StreamConfig made = base_of(in, inside, target);
    made.name = *name;
    made.origin = {statement.at};
    block.read(in, std::move(inside), made);
    target.streams.push_back(std::move(made));
  };
  row.write = [block](Printer& out, const ServerConfig& value, const ServerConfig&) {
    for (const StreamConfig& entry : value.streams) {
      const auto* base = find_template(value, entry.template_name);
      out.open("stream", std::vector{config::as_word(entry.name)});
      block.write(out, entry, base == nullptr ? value.stream_defaults : base->options);
      out.close();
    }
  };
  row.to_json = [](const ServerConfig& from) {
    json::array out;
    for (const StreamConfig& entry : from.streams) out.push_back(own_json(entry, from));
    return out;
  };
  row.from_json = [](Reader& in, const json::value& json, ServerConfig& target) {
    target.streams.clear();
    const auto* entries = in.array(json);
    for (std::size_t i = 0; entries != nullptr && i < entries->size() && !in.full(); ++i) {
      const auto step = in.enter(i);
      const auto* entry = in.object((*entries)[i]);
      if (auto made = entry == nullptr ? std::nullopt : read_stream(in, *entry, target))
        target.streams.push_back(*std::move(made));
    }
  };
  return row;
}

Row<ServerConfig> template_row(const Schema<TemplateConfig>& block) {
  Row<ServerConfig> row{.info = {.name = "template",
                                 .syntax = "NAME {...}",
                                 .doc = "Options for streams that are made on request, or that name the template.",
                                 .repeatable = true,
                                 .blocks = {block.share_info()},
                                 .json = named_objects("templates", "template_config")}};
  row.read = [block](Reader& in, const Statement& statement, ServerConfig& target) {
    const auto step = in.enter(target.templates.size());
    const auto name = name_of(in, statement);
    if (!name) return;
    TemplateConfig made{.options = target.stream_defaults, .prefixes = {}};
    made.options.name = *name;
    made.options.origin = {statement.at};
    block.read(in, block_of(statement), made);
    target.templates.push_back(std::move(made));
  };
  row.write = [block](Printer& out, const ServerConfig& value, const ServerConfig&) {
    for (const TemplateConfig& entry : value.templates) {
      out.open("template", std::vector{config::as_word(entry.options.name)});
      block.write(out, entry, {.options = value.stream_defaults, .prefixes = {}});
      out.close();
    }
  };
  row.to_json = [](const ServerConfig& from) {
    json::array out;
    for (const TemplateConfig& entry : from.templates) out.push_back(own_json(entry, from));
    return out;
  };
  row.from_json = [](Reader& in, const json::value& json, ServerConfig& target) {
    target.templates.clear();
    const auto* entries = in.array(json);
    for (std::size_t i = 0; entries != nullptr && i < entries->size() && !in.full(); ++i) {
      const auto step = in.enter(i);
      const auto* entry = in.object((*entries)[i]);
      if (auto made = entry == nullptr ? std::nullopt : read_template(in, *entry, target))
        target.templates.push_back(*std::move(made));
    }
  };
  return row;
}

std::vector<Statement> stream_on_demand(const Statement& old) {
  Statement made = old;
  made.name = "stream";
  made.block.insert(made.block.begin(), config::make_statement("static", {config::make_argument("false", old)}, old));
  return {std::move(made)};
}

/// `live PREFIX {...}` and `rewrite NAME URL;`: a template of the name that its prefix has.
std::vector<Statement> template_of_prefix(Statement old, std::vector<Statement> inside) {
  if (!old.args.empty()) inside.insert(inside.begin(), config::make_statement("prefix", {old.args.front()}, old));
  Statement made = std::move(old);
  made.name = "template";
  made.block.insert(made.block.begin(), inside.begin(), inside.end());
  return {std::move(made)};
}

std::vector<Statement> template_of_live(Statement old) {
  auto publish = config::make_statement("input", {config::make_argument("publish://", old)}, old);
  return template_of_prefix(std::move(old), {std::move(publish)});
}

void add_not_yet(Schema<ServerConfig>& schema) {
  schema.add_bare(Support::not_yet, {{"rtsp", "A port for RTSP.", {}, "listeners.rtsp"},
                                     {"rtsps", "A port for RTSP over TLS.", {}, "listeners.rtsps"},
                                     {"turn", "A port for TURN.", {}, "listeners.turn"},
                                     {"snmp", "A port for SNMP.", {}, "listeners.snmp"},
                                     {"sip", "A port for SIP.", {}, "listeners.sip"},
                                     {"srt", "A port for SRT, to publish and to play.", {}, "listeners.srt"},
                                     {"srt_publish", "A port for SRT, to publish.", {"srt2_publish"}},
                                     {"srt_play", "A port for SRT, to play.", {"srt2_play"}},
                                     {"webrtc_publish", "A fixed port for WHIP."},
                                     {"webrtc_play", "A fixed port for WHEP."},
                                     {"admin_http", "A port for the API alone (old form of `http`)."},
                                     {"admin_https", "A port for the API alone (old form of `https`)."},
                                     {"mysql", "A port for MySQL clients (old)."},
                                     {"server_name", "The names of the server for certificates.", {"server_names"}},
                                     {"cluster_key", "The key that the servers of a cluster share."},
                                     {"streaming_prefix", "A part of the path that stands before stream names."},
                                     {"auth_token", "The name of the token in a URL's query."},
                                     {"max_sessions", "The most viewers at a time."},
                                     {"no_auto_token", "Viewers without a token are refused."},
                                     {"aliaser", "A script that gives streams other names."},
                                     {"geoip", "A database of addresses and countries."},
                                     {"total_bandwidth", "The bandwidth of the server, for statistics."},
                                     {"meta", "A note on the server."},
                                     {"wwwroot", "A directory with web files."},
                                     {"init_script", "A script that runs at the start."},
                                     {"config_external", "A backend that gives the config of streams."},
                                     {"iptv", "The database of subscribers.", {"plugin"}},
                                     {"vsaas", "Services for cameras."},
                                     {"watcher_url", "A service for cameras."},
                                     {"central_url", "A service that manages servers."},
                                     {"rproxy", "Agents in cameras."},
                                     {"vision", "Analyses pictures."},
                                     {"camera_alarm", "Alarms of cameras by e-mail."},
                                     {"file_processor", "Jobs on files."},
                                     {"http_proxy", "Hands a part of the paths to another server.", {}, "http_proxies"},
                                     {"web_script", "Scripts for HTTP requests.", {}, "web_scripts"},
                                     {"dvb_card", "A DVB card.", {}, "dvb_cards"},
                                     {"decklink", "A DeckLink card.", {}, "decklinks"},
                                     {"chassis", "The hardware of an appliance."},
                                     {"vod", "Files that can be played.", {"file"}, "vods"},
                                     {"dvr", "A storage for archives.", {}, "dvrs"},
                                     {"cache", "A cache for segments on disk.", {}, "caches"},
                                     {"source", "A server whose streams are shown here.", {}, "sources"},
                                     {"peer", "Another server of the cluster.", {}, "peers"},
                                     {"balancer", "Spreads viewers over servers.", {}, "balancers"},
                                     {"transponder", "Several streams in one MPEG-TS.", {}, "transponders"},
                                     {"auth_backend", "Rules who may play and publish.", {}, "auth_backends"},
                                     {"event_sink", "Where events are sent.", {"notify"}, "event_sinks"},
                                     {"include", "Another config file."}});
}

Schema<ServerConfig> make_server_schema() {
  Schema<Listener> http("http", "directive", "One HTTP port.");
  http.add(row("api", config::flag(), &Listener::api, "Whether the API and the admin UI are served beside the media."));
  Schema<Listener> rtmp("rtmp", "directive", {});
  Schema<Listener> https("https", "directive", "One HTTPS port.");
  https.include(http).add(tls_versions());
  Schema<Listener> rtmps("rtmps", "directive", "One RTMPS port.");
  rtmps.add(tls_versions());

  Schema<ServerConfig> schema(
      "server", "directive",
      "The outermost place of the file. What could also stand in a `stream` is here the default of every stream.");
  schema.add(listener("http", &ServerConfig::http, http, "A port for HTTP: pages, API, and all media over HTTP."))
      .add(listener("https", &ServerConfig::https, https, "A port for HTTP over TLS, version 1.1 and 2."))
      .add(listener("rtmp", &ServerConfig::rtmp, rtmp, "A port for RTMP, to publish and to play."))
      .add(listener("rtmps", &ServerConfig::rtmps, rtmps, "A port for RTMP over TLS."))
      .add(tls_certificate())
      .add(row("loglevel", log_level(), &ServerConfig::loglevel, "What is logged: this level and the graver ones."))
      .add(row("log_format", config::one_of<log::Format>({{"text", log::Format::text}, {"json", log::Format::json}}),
               &ServerConfig::log_format, "How a line is written: `text` for people, `json` an object for programs."))
      .add(row("log_requests", config::flag(), &ServerConfig::log_requests,
               "Writes an access log: a line for each HTTP request, and each RTMP viewer and publisher, when it has "
               "ended.")
               .old_name("logrequests"))
      .add(row("access_log", config::text("FILE"), &ServerConfig::access_log,
               "The file of the access log, which SIGUSR1 opens again. Default: where everything else is logged."))
      .pick(access::api_access_schema(), &ServerConfig::api_access, {"edit_auth", "view_auth", "api_allowed_from"})
      .pick(protocol::stream_schema(), &ServerConfig::stream_defaults, {"url_prefix", "merge_window", "source_timeout"})
      .add(stream_row(protocol::stream_schema()))
      .add(template_row(protocol::template_schema()));
  add_not_yet(schema);
  schema.add_bare(Support::no_effect, {{"pulsedb", "A directory for statistics."},
                                       {"session_log", "A directory for the log of sessions."},
                                       {"nvidia_monitor", "Statistics of graphics cards."}});
  schema
      .add(
          Rewrite{.form = {"ondemand", "stream NAME { static false; ... }"}, .apply = stream_on_demand, .warns = false})
      .add(Rewrite{.form = {"live", "template NAME { prefix NAME; input publish://; ... }"}, .apply = template_of_live})
      .add(Rewrite{.form = {"rewrite", "template NAME { prefix NAME; input URL; }"},
                   .apply = [](Statement old) { return template_of_prefix(std::move(old), {}); }});
  return schema;
}

}  // namespace

const Schema<ServerConfig>& server_schema() {
  static const auto schema = make_server_schema();
  return schema;
}

const TemplateConfig* find_template(const ServerConfig& config, std::string_view name) {
  const auto found = std::ranges::find(
      config.templates, name, [](const TemplateConfig& entry) { return std::string_view(entry.options.name); });
  return found == config.templates.end() ? nullptr : &*found;
}

std::string unknown_template(const ServerConfig& config, std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(config.templates.size());
  for (const TemplateConfig& entry : config.templates) names.push_back(entry.options.name);
  return "unknown template " + shown(name) + config::did_you_mean(name, names);
}

std::string to_text(const ServerConfig& config) {
  Printer out;
  server_schema().write(out, config, {});
  return out.take();
}

std::string config_reference() { return config::reference_markdown(server_schema().info()); }

}  // namespace sluice::app
