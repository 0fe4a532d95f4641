#include "api/config_fields.hpp"

#include <boost/json/array.hpp>
#include <string_view>

namespace sluice::api {
namespace {

namespace json = boost::json;

FieldType type_of(const json::object& schema) {
  const auto* type = schema.if_contains("type");
  if (type == nullptr) return FieldType::any;
  const std::string_view name = type->get_string();
  if (name == "boolean") return FieldType::boolean;
  if (name == "integer") return FieldType::integer;
  if (name == "array") return FieldType::array;
  if (name == "object") return FieldType::object;
  return FieldType::string;
}

}  // namespace

FieldInfo field_of(const config::RowInfo& row) {
  const json::object& schema = row.json.schema;
  FieldInfo out{.name = row.json.path, .type = type_of(schema), .doc = row.doc};
  if (const auto* unit = schema.if_contains("x-unit")) out.unit = unit->get_string();
  if (const auto* words = schema.if_contains("enum")) {
    for (const auto& word : words->get_array()) out.words.emplace_back(word.get_string());
  }
  return out;
}

}  // namespace sluice::api
