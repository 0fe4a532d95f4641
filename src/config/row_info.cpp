#include "config/row_info.hpp"

#include <algorithm>

namespace sluice::config {
namespace {

namespace json = boost::json;

void collect(std::string_view name, const SchemaInfo& here, std::vector<std::string_view>& into) {
  const bool known = std::ranges::any_of(here.rows, [&](const RowInfo& row) { return row.name == name; }) ||
                     std::ranges::any_of(here.old_forms, [&](const OldForm& form) { return form.name == name; });
  if (known && std::ranges::find(into, here.place) == into.end()) into.push_back(here.place);
  for (const RowInfo& row : here.rows) {
    for (const auto& block : row.blocks) collect(name, *block, into);
  }
}

/// The schema of the property at `path` below `object`; objects on the way are made.
json::object& property(json::object& object, std::string_view path) {
  json::object* here = &object;
  for (;;) {
    const auto name = path.substr(0, path.find('.'));
    if (!here->contains("properties")) (*here)["properties"].emplace_object();
    json::value& made = here->at("properties").get_object()[name];
    if (!made.is_object()) made.emplace_object();
    here = &made.get_object();
    if (name.size() == path.size()) return *here;
    path.remove_prefix(name.size() + 1);
    if (!here->contains("type")) (*here)["type"] = "object";
  }
}

}  // namespace

json::object schema_of(const SchemaInfo& place) {
  json::object out{{"type", "object"}, {"properties", json::object()}};
  if (!place.doc.empty()) out["description"] = place.doc;
  for (const RowInfo& row : place.rows) {
    if (row.support != Support::supported) continue;
    json::object& own = property(out, row.json.path);
    own = row.json.schema;
    own["description"] = row.doc;
    if (!row.json.default_value.is_null()) own["default"] = row.json.default_value;
  }
  return out;
}

std::vector<std::string_view> places_of(std::string_view name, const SchemaInfo& root) {
  std::vector<std::string_view> places;
  collect(name, root, places);
  return places;
}

}  // namespace sluice::config
