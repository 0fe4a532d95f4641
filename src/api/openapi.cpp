#include "api/openapi.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cctype>
#include <string>
#include <utility>

#include "api/answer.hpp"
#include "api/config_access.hpp"

namespace sluice::api {
namespace {

namespace json = boost::json;

json::string text_json(std::string_view text) { return json::string(text.data(), text.size()); }

json::object reference(const std::string& component) { return {{"$ref", "#/components/schemas/" + component}}; }

/// Below no base path, for everybody: "/-/streams".
bool is_public(const Endpoint& endpoint) { return endpoint.path.starts_with('/'); }

/// "streams", the component that an endpoint's list is called by; "public_streams" for what everybody may see of them.
std::string list_name(const Endpoint& endpoint) {
  return (is_public(endpoint) ? "public_" : "") + std::string(endpoint.listed->plural);
}

/// "stream" of "streams".
std::string item_name(const Endpoint& endpoint) {
  auto name = list_name(endpoint);
  name.pop_back();
  return name;
}

// --- types --------------------------------------------------------------------------------------------------------

json::object type_of(FieldType type) {
  switch (type) {
    case FieldType::boolean: return {{"type", "boolean"}};
    case FieldType::integer: return {{"type", "integer"}};
    case FieldType::number: return {{"type", "number"}};
    case FieldType::string: return {{"type", "string"}};
    case FieldType::object: return {{"type", "object"}};
    case FieldType::array: return {{"type", "array"}};
    case FieldType::any: return {};
  }
  std::unreachable();
}

/// The properties of an object, made if it has none yet.
json::object& properties_of(json::object& schema) {
  json::value& properties = schema["properties"];
  if (!properties.is_object()) properties.emplace_object();
  return properties.get_object();
}

void add_field(json::object& item, const FieldInfo& field) {
  std::string_view path = field.name;
  json::object* holder = &item;
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    json::value& inner = properties_of(*holder)[path.substr(0, dot)];
    if (!inner.is_object()) inner = json::object{{"type", "object"}};
    holder = &inner.get_object();
    path.remove_prefix(dot + 1);
  }
  json::object schema = type_of(field.type);
  schema["description"] = field.doc;
  if (!field.unit.empty()) schema["x-unit"] = field.unit;
  for (const auto& word : field.words) {
    if (!schema.contains("enum")) schema["enum"].emplace_array();
    schema["enum"].get_array().emplace_back(text_json(word));
  }
  properties_of(*holder)[path] = std::move(schema);
}

/// An item of a list: what is shown of it, and what is configured, where that is an object of the config.
json::object item_schema(const Endpoint& endpoint, const json::object& config_schemas) {
  json::object item{{"type", "object"}};
  json::array required;
  for (const FieldInfo& field : endpoint.listed->fields()) {
    add_field(item, field);
    if (field.always && field.name.find('.') == std::string::npos) required.emplace_back(text_json(field.name));
  }
  const auto own = item_name(endpoint) + "_config";
  if (const auto* config = config_schemas.if_contains(own)) {
    for (const auto& property : config->at("properties").get_object()) {
      properties_of(item).insert_or_assign(property.key(), property.value());
    }
    properties_of(item)["config_on_disk"] = reference(own);
  }
  if (!required.empty()) item["required"] = std::move(required);
  return item;
}

json::object list_schema(const Endpoint& endpoint) {
  json::object properties{{"estimated_count", {{"type", "integer"}, {"description", "On all pages."}}},
                          {"next", {{"type", "string"}, {"description", "The cursor of the next page."}}},
                          {"prev", {{"type", "string"}, {"description", "The cursor of the page before."}}},
                          {"timing", {{"type", "object"}, {"description", "What the answer took, in ms."}}}};
  const auto plural = endpoint.listed->plural;
  properties[plural] = {{"type", "array"}, {"items", reference(item_name(endpoint))}};
  return {{"type", "object"},
          {"required", json::array{text_json(plural), "estimated_count"}},
          {"properties", std::move(properties)}};
}

/// The same object in the body of a PUT: null sets a default, `$reset` all of them, and nothing needs to be there.
json::object patch_of(json::object schema) {
  schema.erase("required");
  auto& properties = properties_of(schema);
  for (auto& property : properties) {
    json::object nullable{{"anyOf", json::array{std::move(property.value()), json::object{{"type", "null"}}}}};
    property.value() = std::move(nullable);
  }
  properties["$reset"] = {{"type", "boolean"},
                          {"description", "The body is the whole of it: all else gets its default."}};
  return schema;
}

json::object error_schema() {
  const json::object text{{"type", "string"}};
  const json::object source{{"type", "object"}, {"properties", {{"pointer", text}, {"parameter", text}}}};
  const json::object error{
      {"type", "object"},
      {"properties",
       {{"status", text}, {"code", text}, {"title", text}, {"source", source}, {"meta", {{"type", "object"}}}}}};
  return {{"type", "object"},
          {"required", json::array{"error"}},
          {"properties", {{"error", text}, {"name", text}, {"errors", {{"type", "array"}, {"items", error}}}}}};
}

// --- paths --------------------------------------------------------------------------------------------------------

json::object parameter(std::string_view name, std::string_view in, json::object schema, std::string_view doc) {
  json::object out{{"name", text_json(name)}, {"in", text_json(in)}, {"schema", std::move(schema)}};
  if (!doc.empty()) out["description"] = text_json(doc);
  if (in == "path") out["required"] = true;
  return out;
}

json::array parameters_of(const Endpoint& endpoint) {
  json::array out;
  std::string_view path = endpoint.path;
  for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{')) {
    const auto close = path.find('}', open);
    out.push_back(parameter(path.substr(open + 1, close - open - 1), "path", type_of(FieldType::string), {}));
    path.remove_prefix(close + 1);
  }
  for (const Parameter& one : endpoint.parameters)
    out.push_back(parameter(one.name, "query", type_of(one.type), one.doc));
  if (!endpoint.listed) return out;
  const auto add = [&out](std::string_view name, FieldType type, std::string_view doc) {
    out.push_back(parameter(name, "query", type_of(type), doc));
  };
  add("limit", FieldType::integer, "Items on a page.");
  add("cursor", FieldType::string, "The `next` or `prev` of another page.");
  add("sort", FieldType::string, "Fields with commas between them; `-` before one sorts downwards.");
  add("select", FieldType::string, "The fields to be shown, with commas between them.");
  return out;
}

json::object content(const std::string& component, bool also_text) {
  json::object out{{"application/json", json::object{{"schema", reference(component)}}}};
  if (also_text) out["text/plain"] = json::object{{"schema", type_of(FieldType::string)}};
  return out;
}

json::object responses_of(const Endpoint& endpoint) {
  json::object out;
  const bool whole_config = endpoint.answers == "server_config";
  if (endpoint.listed) {
    out["200"] = {{"description", "A page of the list."}, {"content", content(list_name(endpoint) + "_list", false)}};
  } else if (!endpoint.answers.empty()) {
    out["200"] = {{"description", "Done."},
                  {"content", content(std::string(endpoint.answers), whole_config && endpoint.method == "GET")}};
  } else if (endpoint.method == "GET") {
    out["200"] = {{"description", "Done."}, {"content", json::object{{"application/json", json::object()}}}};
  } else {
    out["204"] = json::object{{"description", "Done."}};
  }
  out["default"] = {{"description", "Refused."}, {"content", content("error", false)}};
  return out;
}

/// "get_streams_name" of GET streams/{name}.
std::string operation_id(const Endpoint& endpoint) {
  std::string out;
  for (const char c : std::string(endpoint.method) + '_' + std::string(endpoint.path)) {
    if (c == '/') out += '_';
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

json::object operation(const Endpoint& endpoint) {
  json::object out{{"operationId", operation_id(endpoint)},
                   {"summary", text_json(endpoint.doc)},
                   {"responses", responses_of(endpoint)}};
  if (auto parameters = parameters_of(endpoint); !parameters.empty()) out["parameters"] = std::move(parameters);
  if (!endpoint.takes.empty()) {
    out["requestBody"] = {{"required", true},
                          {"content", content(std::string(endpoint.takes) + "_patch", endpoint.path == "config")}};
  }
  if (endpoint.rights == Rights::none) out["security"] = json::array();
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// The components that the paths name.
json::object schemas_of(std::span<const Endpoint> endpoints, json::object out) {
  out["error"] = error_schema();
  out["done"] = json::object{{"const", true}};
  const json::object config_schemas = out;
  for (const Endpoint& endpoint : endpoints) {
    if (!endpoint.takes.empty()) {
      const std::string taken(endpoint.takes);
      out[taken + "_patch"] = patch_of(config_schemas.at(taken).get_object());
    }
    if (!endpoint.listed) continue;
    out[item_name(endpoint)] = item_schema(endpoint, config_schemas);
    out[list_name(endpoint) + "_list"] = list_schema(endpoint);
  }
  // What is answered and said nowhere else is any JSON.
  for (const Endpoint& endpoint : endpoints) {
    if (!endpoint.answers.empty() && !out.contains(endpoint.answers)) out[endpoint.answers] = json::object();
  }
  return out;
}

Task<net::HttpResponse> schema(Call call) {
  co_return json_answer(openapi_document(endpoints(), call.api.config->schemas(), call.api.version));
}

}  // namespace

json::object openapi_document(std::span<const Endpoint> endpoints, json::object config_schemas,
                              std::string_view version) {
  json::object paths;
  for (const Endpoint& endpoint : endpoints) {
    json::value& path = paths[(is_public(endpoint) ? "" : "/") + std::string(endpoint.path)];
    if (!path.is_object()) path.emplace_object();
    if (is_public(endpoint)) path.get_object()["servers"] = json::array{json::object{{"url", "/"}}};
    path.get_object()[lower(endpoint.method)] = operation(endpoint);
  }
  return {
      {"openapi", "3.1.0"},
      {"info", {{"title", "Sluice"}, {"version", text_json(version)}}},
      {"servers", {{{"url", "/streamer/api/v3"}}, {{"url", "/flussonic/api/v3"}}}},
      {"security", {{{"basic", json::array()}}, {{"bearer", json::array()}}}},
      {"paths", std::move(paths)},
      {"components",
       {{"securitySchemes",
         {{"basic", {{"type", "http"}, {"scheme", "basic"}}}, {"bearer", {{"type", "http"}, {"scheme", "bearer"}}}}},
        {"schemas", schemas_of(endpoints, std::move(config_schemas))}}}};
}

std::span<const Endpoint> openapi_endpoints() {
  static const std::array all{Endpoint{.method = "GET",
                                       .path = "schema",
                                       .rights = Rights::none,
                                       .doc = "This document: the API in OpenAPI's form.",
                                       .handle = schema,
                                       .answers = "openapi"}};
  return all;
}

}  // namespace sluice::api
