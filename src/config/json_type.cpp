#include "config/json_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <cmath>

#include "config/kind.hpp"

namespace sluice::config {
namespace {

namespace json = boost::json;

json::string text_json(std::string_view text) { return json::string(text.data(), text.size()); }

/// A file has no way to write these.
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// The schema of each kind of value that the type has.
std::vector<json::object> alternatives(const JsonType& type) {
  std::vector<json::object> out;
  if (type.booleans.size() == 2) out.push_back({{"type", "boolean"}});
  if (type.booleans.size() == 1) out.push_back({{"const", bool{type.booleans.front()}}});
  if (type.integer) {
    out.push_back({{"type", "integer"}, {"minimum", type.integer->first}, {"maximum", type.integer->second}});
    if (!type.unit.empty()) out.back()["x-unit"] = text_json(type.unit);
  }
  if (type.string) {
    out.push_back({{"type", "string"}});
    json::array words;
    for (const auto& word : type.words) words.emplace_back(text_json(word));
    if (!words.empty()) out.back()["enum"] = std::move(words);
  }
  return out;
}

}  // namespace

json::object schema_of(const JsonType& type) {
  auto some = alternatives(type);
  if (some.size() == 1) return std::move(some.front());
  json::array any_of;
  for (auto& one : some) any_of.push_back(std::move(one));
  return {{"anyOf", std::move(any_of)}};
}

std::string describe(const JsonType& type) {
  std::string out;
  const auto add = [&out](const std::string& what) { out += (out.empty() ? "" : ", or ") + what; };
  if (type.integer) {
    add(fmt::format("a whole number from {} to {}", type.integer->first, type.integer->second));
    if (!type.unit.empty()) out += fmt::format(" ({})", type.unit);
  }
  if (type.booleans.size() == 2) add("true or false");
  if (type.booleans.size() == 1) add(type.booleans.front() ? "true" : "false");
  if (type.string && !type.words.empty()) {
    add((type.words.size() > 1 ? "one of " : "") + fmt::format("\"{}\"", fmt::join(type.words, "\" \"")));
  } else if (type.string && !out.empty()) {
    add("a text");
  }
  return out;
}

std::optional<std::string> spelling_of(const JsonType& type, const json::value& json) {
  if (const auto* flag = json.if_bool()) {
    if (std::ranges::find(type.booleans, *flag) == type.booleans.end()) return std::nullopt;
    return *flag ? "true" : "false";
  }
  if (json.is_number()) {
    const auto number = type.integer ? as_integer(json) : std::nullopt;
    if (!number) return std::nullopt;
    return type.thousandths ? print_thousandths(*number) : std::to_string(*number);
  }
  const auto* text = json.if_string();
  if (text == nullptr || !type.string || std::ranges::any_of(*text, is_control)) return std::nullopt;
  // Beside other kinds of values a text is not a second way to write these.
  const bool known = type.words.empty() || std::ranges::find(type.words, std::string(*text)) != type.words.end();
  return known ? std::optional<std::string>(*text) : std::nullopt;
}

json::value json_of(const JsonType& type, std::string_view spelling) {
  if (!type.booleans.empty()) {
    if (spelling == "true" || spelling == "on") return true;
    if (spelling == "false" || spelling == "off") return false;
  }
  if (type.integer) {
    const auto number = type.thousandths ? parse_thousandths(spelling) : parse_integer<std::int64_t>(spelling);
    // "025" is kept as a text where texts are kept as written.
    if (number && (!type.string || std::to_string(*number) == spelling)) return *number;
  }
  return text_json(spelling);
}

std::optional<std::int64_t> as_integer(const json::value& json) {
  if (const auto* number = json.if_int64()) return *number;
  if (const auto* number = json.if_uint64()) {
    return *number <= INT64_MAX ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
  }
  constexpr double kExact = 9007199254740992.0;  // 2^53: above it a double is not one integer
  const auto* number = json.if_double();
  if (number == nullptr || std::abs(*number) > kExact || std::trunc(*number) != *number) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

}  // namespace sluice::config
