#include "app/api_config.hpp"

#include <algorithm>
#include <utility>

#include "app/config_json.hpp"
#include "app/server_schema.hpp"
#include "config/json_pointer.hpp"
#include "config/syntax.hpp"
#include "protocol/input_schemes.hpp"

namespace sluice::app {
namespace {

namespace json = boost::json;
using api::ConfigResult;
using api::ObjectKind;
using stream::StreamConfig;
using stream::TemplateConfig;

std::string_view name_of(const StreamConfig& stream) { return stream.name; }
std::string_view name_of(const TemplateConfig& entry) { return entry.options.name; }

template <class T>
auto find_by_name(T& objects, std::string_view name) {
  return std::ranges::find_if(objects, [name](const auto& entry) { return name_of(entry) == name; });
}

template <class T>
api::ConfigAccess::Object object_of(const std::vector<T>& objects, std::size_t position, const ServerConfig& config) {
  return {
      .effective = effective_json(objects[position]), .own = own_json(objects[position], config), .position = position};
}

template <class T>
std::optional<api::ConfigAccess::Object> find_object(const std::vector<T>& objects, std::string_view name,
                                                     const ServerConfig& config) {
  const auto found = find_by_name(objects, name);
  if (found == objects.end()) return std::nullopt;
  return object_of(objects, static_cast<std::size_t>(found - objects.begin()), config);
}

template <class T>
std::vector<api::ConfigAccess::Object> all_objects(const std::vector<T>& objects, const ServerConfig& config) {
  std::vector<api::ConfigAccess::Object> out;
  out.reserve(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) out.push_back(object_of(objects, i, config));
  return out;
}

std::optional<StreamConfig> read(config::Reader& in, const json::object& own, const ServerConfig& config,
                                 const StreamConfig* /*kind*/) {
  return read_stream(in, own, config);
}
std::optional<TemplateConfig> read(config::Reader& in, const json::object& own, const ServerConfig& config,
                                   const TemplateConfig* /*kind*/) {
  return read_template(in, own, config);
}

template <class T>
ConfigResult<void> put_among(std::vector<T>& objects, const ServerConfig& config, const std::string& name,
                             const json::object& patch, json::object own) {
  const auto found = find_by_name(objects, name);
  if (found != objects.end()) own = own_json(*found, config);
  config::merge(own, patch);
  own["name"] = name;
  config::Diagnostics out("JSON");
  config::Reader in(out, server_schema().info());
  auto made = read(in, own, config, static_cast<const T*>(nullptr));
  if (!out.ok()) return std::unexpected(out.errors());
  if (found == objects.end()) {
    objects.push_back(*std::move(made));
  } else {
    *found = *std::move(made);
  }
  return {};
}

ConfigResult<void> without_report(ConfigOutcome outcome) {
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  return {};
}

}  // namespace

// --- what changes do ----------------------------------------------------------------------------------------------

ConfigResult<void> put_object(ServerConfig& config, ObjectKind kind, const std::string& name, const json::object& patch,
                              const StreamConfig* runs) {
  if (kind == ObjectKind::media_template) return put_among(config.templates, config, name, patch, {});
  return put_among(config.streams, config, name, patch, runs == nullptr ? json::object() : own_json(*runs, config));
}

bool remove_object(ServerConfig& config, ObjectKind kind, std::string_view name) {
  const auto has_name = [name](const auto& entry) { return name_of(entry) == name; };
  return kind == ObjectKind::stream ? std::erase_if(config.streams, has_name) > 0
                                    : std::erase_if(config.templates, has_name) > 0;
}

ConfigResult<void> merge_config(ServerConfig& config, const json::object& patch) {
  auto whole = to_json(config);
  config::merge(whole, patch);
  auto read = config_from_json(whole);
  if (!read) return std::unexpected(std::move(read.error()));
  config = *std::move(read);
  return {};
}

// --- the API's side -----------------------------------------------------------------------------------------------

std::optional<api::ConfigAccess::Object> ApiConfig::find(ObjectKind kind, std::string_view name) const {
  const auto config = store_.current();
  return kind == ObjectKind::stream ? find_object(config->streams, name, *config)
                                    : find_object(config->templates, name, *config);
}

std::vector<api::ConfigAccess::Object> ApiConfig::all(ObjectKind kind) const {
  const auto config = store_.current();
  return kind == ObjectKind::stream ? all_objects(config->streams, *config) : all_objects(config->templates, *config);
}

json::object ApiConfig::json() const { return to_json(*store_.current()); }

Task<ConfigResult<std::string>> ApiConfig::text() { return store_.text(); }

Task<ConfigResult<void>> ApiConfig::put(ObjectKind kind, std::string name, json::object patch,
                                        std::shared_ptr<const StreamConfig> runs) {
  co_return without_report(
      co_await store_.change([kind, name, patch, runs](ServerConfig& config) -> ConfigResult<void> {
        return put_object(config, kind, name, patch, runs.get());
      }));
}

Task<ConfigResult<bool>> ApiConfig::remove(ObjectKind kind, std::string name) {
  const auto found = std::make_shared<bool>(false);
  auto outcome = co_await store_.change([kind, name, found](ServerConfig& config) -> ConfigResult<void> {
    *found = remove_object(config, kind, name);
    return {};
  });
  if (!outcome) co_return std::unexpected(std::move(outcome.error()));
  co_return *found;
}

Task<ConfigResult<void>> ApiConfig::merge(json::object patch) {
  co_return without_report(
      co_await store_.change([patch](ServerConfig& config) { return merge_config(config, patch); }));
}

Task<ConfigResult<void>> ApiConfig::replace_text(std::string text) {
  co_return without_report(co_await store_.replace_text(std::move(text)));
}

Task<ConfigResult<void>> ApiConfig::reload() { co_return without_report(co_await store_.reload()); }

// --- checking and describing --------------------------------------------------------------------------------------

api::ConfigAccess::Check ApiConfig::check(std::string_view text) const {
  config::Diagnostics out("config");
  auto statements = config::parse(text, out);
  if (!out.ok()) return {.config = {}, .errors = out.errors()};
  config::Reader in(out, server_schema().info());
  const auto config = read_statements(in, std::move(statements));
  return {.config = to_json(config), .errors = out.errors()};
}

api::ConfigAccess::Check ApiConfig::check(const json::object& patch) const {
  ServerConfig config = *store_.current();
  if (auto merged = merge_config(config, patch); !merged) return {.config = {}, .errors = std::move(merged.error())};
  return {.config = to_json(config), .errors = {}};
}

json::object ApiConfig::schemas() const {
  const auto named = [](json::object schema) {
    schema["properties"].get_object()["name"] = {{"type", "string"}, {"description", "Its name."}};
    schema["required"] = json::array{"name"};
    return schema;
  };
  return {{"stream_config", named(config::schema_of(protocol::stream_schema().info()))},
          {"template_config", named(config::schema_of(protocol::template_schema().info()))},
          {"server_config", config::schema_of(server_schema().info())}};
}

}  // namespace sluice::app
