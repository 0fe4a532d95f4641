#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.hpp"
#include "core/task.hpp"
#include "stream/stream_config.hpp"

namespace sluice::api {

using ConfigErrors = std::vector<config::Diagnostic>;
template <class T>
using ConfigResult = std::expected<T, ConfigErrors>;

/// The objects of the config that have names and endpoints of their own.
enum class ObjectKind : std::uint8_t { stream, media_template };

/// The config of the server in the forms of the API, and every way to change it. What an object has of its own is what
/// its block in the file says; the rest comes from its template and the server's defaults. Called on any shard; what it
/// answers is in force there.
class ConfigAccess {
 public:
  struct Object {
    boost::json::object effective;  ///< all values
    boost::json::object own;
    std::size_t position = 0;  ///< among the objects of its kind, in the order of the file
  };

  virtual ~ConfigAccess() = default;

  [[nodiscard]] virtual std::optional<Object> find(ObjectKind kind, std::string_view name) const = 0;
  /// All of that kind, in the order of the file.
  [[nodiscard]] virtual std::vector<Object> all(ObjectKind kind) const = 0;
  /// The whole config; its objects as they are of their own.
  [[nodiscard]] virtual boost::json::object json() const = 0;
  /// The main file as it is, comments and all.
  virtual Task<ConfigResult<std::string>> text() = 0;

  /// Merges `patch` into what the object has of its own, and saves it; makes it where there is none. `runs` is the
  /// stream that a template has made of the name, to begin with; null: there is none.
  virtual Task<ConfigResult<void>> put(ObjectKind kind, std::string name, boost::json::object patch,
                                       std::shared_ptr<const stream::StreamConfig> runs) = 0;
  /// Takes the object out of the config; false where it is not there.
  virtual Task<ConfigResult<bool>> remove(ObjectKind kind, std::string name) = 0;
  /// Merges `patch` into the whole config, and saves it.
  virtual Task<ConfigResult<void>> merge(boost::json::object patch) = 0;
  /// Makes `text` the main file.
  virtual Task<ConfigResult<void>> replace_text(std::string text) = 0;
  /// Reads the files again.
  virtual Task<ConfigResult<void>> reload() = 0;

  /// What a config would be, and what is wrong with it; nothing changes.
  struct Check {
    boost::json::object config;  ///< what could be read
    ConfigErrors errors;         ///< empty: it is sound
  };
  [[nodiscard]] virtual Check check(std::string_view text) const = 0;
  /// The same of the config with `patch` merged into it.
  [[nodiscard]] virtual Check check(const boost::json::object& patch) const = 0;

  /// The types of the config for the OpenAPI document, as components by name: stream_config, template_config,
  /// server_config.
  [[nodiscard]] virtual boost::json::object schemas() const = 0;
};

}  // namespace sluice::api
