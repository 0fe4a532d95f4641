#include "app/server_schema.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "app/input_schemes.hpp"
#include "config/reference.hpp"
#include "stream/stream_schema.hpp"

namespace sluice::app {
namespace {

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

Row<ServerConfig> listener(const std::string& name, std::vector<Listener> ServerConfig::* member,
                           const Schema<Listener>& block, std::string doc) {
  const bool has_block = !block.rows().empty();
  Row<ServerConfig> row{.info = {.name = name,
                                 .syntax = config::listen_address().syntax + (has_block ? " [{...}]" : ""),
                                 .doc = std::move(doc),
                                 .repeatable = true}};
  if (has_block) row.info.blocks.push_back(block.share_info());
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
  return row;
}

const TemplateConfig* find_template(const ServerConfig& config, std::string_view name) {
  const auto found = std::ranges::find(
      config.templates, name, [](const TemplateConfig& entry) { return std::string_view(entry.options.name); });
  return found == config.templates.end() ? nullptr : &*found;
}

/// What a stream starts from: the template that its block names, or the server's defaults.
const StreamConfig& base_of(Reader& in, const std::vector<Statement>& block, const ServerConfig& config) {
  for (const Statement& statement : block) {
    if (statement.name != "template" || statement.args.size() != 1) continue;
    const auto& name = statement.args[0];
    if (name.text == "false" && !name.quoted) continue;
    if (const auto* found = find_template(config, name.text)) return found->options;
    std::vector<std::string_view> names;
    names.reserve(config.templates.size());
    for (const TemplateConfig& entry : config.templates) names.push_back(entry.options.name);
    in.error(name.at, "unknown template " + shown(name.text) + config::did_you_mean(name.text, names));
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

Row<ServerConfig> stream_row(const Schema<StreamConfig>& block) {
  Row<ServerConfig> row{.info = {.name = "stream",
                                 .syntax = "NAME {...}",
                                 .doc = "A stream. `ondemand NAME {...}` is the same with `static false`.",
                                 .repeatable = true,
                                 .blocks = {block.share_info()}}};
  row.read = [block](Reader& in, const Statement& statement, ServerConfig& target) {
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
  return row;
}

Row<ServerConfig> template_row(const Schema<TemplateConfig>& block) {
  Row<ServerConfig> row{.info = {.name = "template",
                                 .syntax = "NAME {...}",
                                 .doc = "Options for streams that are made on request, or that name the template.",
                                 .repeatable = true,
                                 .blocks = {block.share_info()}}};
  row.read = [block](Reader& in, const Statement& statement, ServerConfig& target) {
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
  schema.add_bare(Support::not_yet, {{"https", "A port for HTTPS."},
                                     {"rtmps", "A port for RTMP over TLS."},
                                     {"rtsp", "A port for RTSP."},
                                     {"rtsps", "A port for RTSP over TLS."},
                                     {"turn", "A port for TURN."},
                                     {"snmp", "A port for SNMP."},
                                     {"sip", "A port for SIP."},
                                     {"srt", "A port for SRT, to publish and to play."},
                                     {"srt_publish", "A port for SRT, to publish.", {"srt2_publish"}},
                                     {"srt_play", "A port for SRT, to play.", {"srt2_play"}},
                                     {"webrtc_publish", "A fixed port for WHIP."},
                                     {"webrtc_play", "A fixed port for WHEP."},
                                     {"admin_http", "A port for the API alone (old form of `http`)."},
                                     {"admin_https", "A port for the API alone (old form of `https`)."},
                                     {"mysql", "A port for MySQL clients (old)."},
                                     {"server_name", "The names of the server for certificates.", {"server_names"}},
                                     {"edit_auth", "Login and password of the administrator."},
                                     {"view_auth", "Login and password of a reader of the API."},
                                     {"api_allowed_from", "The networks that may use the API."},
                                     {"log_requests", "Writes an access log.", {"logrequests"}},
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
                                     {"http_proxy", "Hands a part of the paths to another server."},
                                     {"web_script", "Scripts for HTTP requests."},
                                     {"dvb_card", "A DVB card."},
                                     {"decklink", "A DeckLink card."},
                                     {"chassis", "The hardware of an appliance."},
                                     {"vod", "Files that can be played.", {"file"}},
                                     {"dvr", "A storage for archives."},
                                     {"cache", "A cache for segments on disk."},
                                     {"source", "A server whose streams are shown here."},
                                     {"peer", "Another server of the cluster."},
                                     {"balancer", "Spreads viewers over servers."},
                                     {"transponder", "Several streams in one MPEG-TS."},
                                     {"auth_backend", "Rules who may play and publish."},
                                     {"event_sink", "Where events are sent.", {"notify"}},
                                     {"include", "Another config file."}});
}

const Schema<TemplateConfig>& template_schema() {
  static const auto schema = stream::template_schema(stream_schema());
  return schema;
}

Schema<ServerConfig> make_server_schema() {
  Schema<Listener> http("http", "directive", "One HTTP port.");
  http.add(row("api", config::flag(), &Listener::api, "Whether the API and the admin UI are served beside the media."));
  Schema<Listener> rtmp("rtmp", "directive", {});

  Schema<ServerConfig> schema(
      "server", "directive",
      "The outermost place of the file. What could also stand in a `stream` is here the default of every stream.");
  schema.add(listener("http", &ServerConfig::http, http, "A port for HTTP: pages, API, and all media over HTTP."))
      .add(listener("rtmp", &ServerConfig::rtmp, rtmp, "A port for RTMP, to publish and to play."))
      .add(row("loglevel", log_level(), &ServerConfig::loglevel, "What is logged: this level and the graver ones."))
      .pick(stream_schema(), &ServerConfig::stream_defaults, {"url_prefix", "merge_window", "source_timeout"})
      .add(stream_row(stream_schema()))
      .add(template_row(template_schema()));
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

const Schema<StreamConfig>& stream_schema() {
  static const auto schema = stream::stream_schema(input_schemes());
  return schema;
}

const Schema<ServerConfig>& server_schema() {
  static const auto schema = make_server_schema();
  return schema;
}

std::string to_text(const ServerConfig& config) {
  Printer out;
  server_schema().write(out, config, {});
  return out.take();
}

std::string config_reference() { return config::reference_markdown(server_schema().info()); }

}  // namespace sluice::app
