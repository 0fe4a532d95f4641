#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::config {

/// What a value of a config file is in the JSON of the API: a boolean, a whole number or a text, or any of several of
/// these. Its checks stay those of the file: a JSON value is checked by way of its spelling there.
struct JsonType {
  using Range = std::pair<std::int64_t, std::int64_t>;

  bool string = false;
  std::vector<std::string> words = {};  ///< the only texts that are meant; empty: any
  std::optional<Range> integer = {};    ///< the least and the most
  std::vector<bool> booleans = {};      ///< which are meant
  std::string unit = {};                ///< of `integer`: "seconds", "milliseconds", "kbit/s"
  bool thousandths = false;             ///< `integer` is 2500 for `2.5` in a file

  static JsonType text() { return {.string = true}; }
  static JsonType flag() { return {.booleans = {false, true}}; }
  static JsonType number(std::int64_t least, std::int64_t most, std::string unit = {}) {
    return {.integer = Range{least, most}, .unit = std::move(unit)};
  }
};

/// The type as a JSON Schema (draft 2020-12), as it stands in the OpenAPI document.
boost::json::object schema_of(const JsonType& type);

/// "a whole number from 1000 to 15000 (milliseconds)", for messages; empty where any text is meant.
std::string describe(const JsonType& type);

/// How a JSON value is spelled in a config file; nothing where it is not of the type, or a text that no file can hold.
std::optional<std::string> spelling_of(const JsonType& type, const boost::json::value& json);

/// The value that is spelled so in a config file: what spelling_of() gives back.
boost::json::value json_of(const JsonType& type, std::string_view spelling);

/// The integer that a JSON number is, also one written `5.0` or `5e3`.
std::optional<std::int64_t> as_integer(const boost::json::value& json);

}  // namespace sluice::config
