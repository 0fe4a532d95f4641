#include "app/config_json.hpp"

#include <string>
#include <utility>

#include "app/server_schema.hpp"
#include "protocol/input_schemes.hpp"
#include "stream/stream_schema.hpp"

namespace sluice::app {
namespace {

namespace json = boost::json;
using config::Reader;
using stream::StreamConfig;
using stream::TemplateConfig;

json::object with_name(const std::string& name, const json::object& members) {
  json::object out{{"name", name}};
  for (const auto& member : members) out.insert(member);
  return out;
}

/// What an object is called, or nothing after a message.
std::optional<std::string> name_of(Reader& in, const json::object& json) {
  const auto* name = json.if_contains("name");
  const auto step = in.enter("name");
  return in.value(name == nullptr ? json::value() : *name, stream::stream_name());
}

/// The options that the object begins with: of the template that it names, or the server's defaults.
const StreamConfig& base_of(Reader& in, const json::object& json, const ServerConfig& config) {
  const auto* name = json.if_contains("template");
  const auto* text = name == nullptr ? nullptr : name->if_string();
  if (text == nullptr || text->empty()) return config.stream_defaults;
  if (const auto* found = find_template(config, *text)) return found->options;
  const auto step = in.enter("template");
  in.error({}, unknown_template(config, *text), {}, config::Fault::bad_value);
  return config.stream_defaults;
}

}  // namespace

json::object own_json(const StreamConfig& stream, const ServerConfig& config) {
  const auto* base = find_template(config, stream.template_name);
  return with_name(stream.name,
                   protocol::stream_schema().to_json(stream, base == nullptr ? config.stream_defaults : base->options));
}

json::object own_json(const TemplateConfig& entry, const ServerConfig& config) {
  const TemplateConfig base{.options = config.stream_defaults, .prefixes = {}};
  return with_name(entry.options.name, protocol::template_schema().to_json(entry, base));
}

json::object effective_json(const StreamConfig& stream) {
  return with_name(stream.name, protocol::stream_schema().to_json(stream));
}

json::object effective_json(const TemplateConfig& entry) {
  return with_name(entry.options.name, protocol::template_schema().to_json(entry));
}

std::optional<StreamConfig> read_stream(Reader& in, const json::object& json, const ServerConfig& config) {
  const auto name = name_of(in, json);
  if (!name) return std::nullopt;
  StreamConfig made = base_of(in, json, config);
  made.name = *name;
  made.origin = {};
  protocol::stream_schema().from_json(in, json, made);
  return made;
}

std::optional<TemplateConfig> read_template(Reader& in, const json::object& json, const ServerConfig& config) {
  const auto name = name_of(in, json);
  if (!name) return std::nullopt;
  TemplateConfig made{.options = config.stream_defaults, .prefixes = {}};
  made.options.name = *name;
  made.options.origin = {};
  protocol::template_schema().from_json(in, json, made);
  return made;
}

json::object to_json(const ServerConfig& config) { return server_schema().to_json(config); }

std::expected<ServerConfig, std::vector<config::Diagnostic>> config_from_json(const json::object& json) {
  config::Diagnostics out("JSON");
  Reader in(out, server_schema().info());
  ServerConfig config;
  // First what streams and templates start from, then the templates that streams name, as in a file.
  json::object others = json;
  for (const std::string_view last : {"templates", "streams"}) others.erase(last);
  server_schema().from_json(in, others, config);
  for (const std::string_view last : {"templates", "streams"}) {
    if (const auto* value = json.if_contains(last)) server_schema().from_json(in, {{last, *value}}, config);
  }
  check(in, config);
  if (!out.ok()) return std::unexpected(out.errors());
  return config;
}

}  // namespace sluice::app
