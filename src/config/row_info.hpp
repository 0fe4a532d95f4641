#pragma once

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

/// The places below `root` where `name` may stand.
std::vector<std::string_view> places_of(std::string_view name, const SchemaInfo& root);

}  // namespace sluice::config
