#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::config {

enum class Support : std::uint8_t {
  supported,
  not_yet,   ///< of the specification, not built: using it is an error that says so
  no_effect  ///< accepted from old files with a warning
};

struct SchemaInfo;

/// A directive or option in the JSON of the API.
struct JsonInfo {
  std::string path;                            ///< its name, with dots where it lies deeper: "listeners.http"
  boost::json::object schema = {};             ///< its type as a JSON Schema
  boost::json::value default_value = nullptr;  ///< null: none
  bool false_is_none = false;                  ///< false stands for "none", for which no other value does
};

/// What messages and the reference page need to know of a directive or option, whatever it configures.
struct RowInfo {
  std::string name;
  std::string syntax;         ///< what follows the name
  std::string default_value;  ///< as it would be written; empty: none
  std::string doc;            ///< one sentence
  std::vector<std::string> old_names = {};
  Support support = Support::supported;
  bool repeatable = false;  ///< a list: each time one more
  bool included = false;    ///< it is described in the place that SchemaInfo::includes names
  std::vector<std::shared_ptr<const SchemaInfo>> blocks = {};  ///< what may stand in its block or among its options
  JsonInfo json = {};
};

/// An old spelling that is more than another name.
struct OldForm {
  std::string name;
  std::string now;        ///< the same in the current form, for messages and the reference
  bool included = false;  ///< as RowInfo::included
};

/// One place of a config file: what may stand there.
struct SchemaInfo {
  std::string place;  ///< "stream", "input publish://"
  std::string noun;   ///< what its rows are called: "directive", "option"
  std::string doc;    ///< one sentence on the place
  std::vector<RowInfo> rows = {};
  std::vector<OldForm> old_forms = {};
  std::string includes = {};  ///< the place whose rows may stand here too, or empty
};

/// The JSON form of a place as a JSON Schema: an object with the supported rows as its properties.
boost::json::object schema_of(const SchemaInfo& place);

/// The places below `root` where `name` may stand.
std::vector<std::string_view> places_of(std::string_view name, const SchemaInfo& root);

}  // namespace sluice::config
