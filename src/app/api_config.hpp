#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/config_access.hpp"
#include "app/config_store.hpp"

namespace sluice::app {

/// The server's config as the API reads and changes it. Any shard.
class ApiConfig final : public api::ConfigAccess {
 public:
  /// `store` outlives this.
  explicit ApiConfig(ConfigStore& store) : store_(store) {}

  [[nodiscard]] std::optional<Object> find(api::ObjectKind kind, std::string_view name) const override;
  [[nodiscard]] std::vector<Object> all(api::ObjectKind kind) const override;
  [[nodiscard]] boost::json::object json() const override;
  Task<api::ConfigResult<std::string>> text() override;

  Task<api::ConfigResult<void>> put(api::ObjectKind kind, std::string name, boost::json::object patch,
                                    std::shared_ptr<const stream::StreamConfig> runs) override;
  Task<api::ConfigResult<bool>> remove(api::ObjectKind kind, std::string name) override;
  Task<api::ConfigResult<void>> merge(boost::json::object patch) override;
  Task<api::ConfigResult<void>> replace_text(std::string text) override;
  Task<api::ConfigResult<void>> reload() override;

  [[nodiscard]] Check check(std::string_view text) const override;
  [[nodiscard]] Check check(const boost::json::object& patch) const override;
  [[nodiscard]] boost::json::object schemas() const override;

 private:
  ConfigStore& store_;
};

// What the changes above do to a config; errors say where in `patch`.

/// Merges `patch` into what the object of that name has of its own; makes it where there is none, beginning with the
/// stream `runs` where that is not null.
api::ConfigResult<void> put_object(ServerConfig& config, api::ObjectKind kind, const std::string& name,
                                   const boost::json::object& patch, const stream::StreamConfig* runs);
/// False where there is no object of that name.
bool remove_object(ServerConfig& config, api::ObjectKind kind, std::string_view name);
/// Merges `patch` into the whole config.
api::ConfigResult<void> merge_config(ServerConfig& config, const boost::json::object& patch);

}  // namespace sluice::app
