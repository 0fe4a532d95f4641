#pragma once

#include <cstddef>
#include <deque>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/server_config.hpp"
#include "config/diagnostic.hpp"
#include "core/shard.hpp"
#include "core/task.hpp"

namespace sluice::app {

/// What putting a config in force did. A stream that is in none of the lists was not touched.
struct ReloadReport {
  std::vector<std::string> added;      ///< streams that are new
  std::vector<std::string> removed;    ///< streams that ended, with their viewers
  std::vector<std::string> changed;    ///< streams that changed while they ran
  std::vector<std::string> restarted;  ///< streams that began a new life, for what changed cannot change in one
  std::vector<std::string> opened;     ///< listeners, as "http 80"
  std::vector<std::string> closed;     ///< listeners; connections that they accepted stay
  std::vector<config::Diagnostic> warnings;

  bool operator==(const ReloadReport&) const = default;
};

using ConfigErrors = std::vector<config::Diagnostic>;
using ConfigOutcome = std::expected<ReloadReport, ConfigErrors>;

/// Who runs what a config says. Called on the store's shard, one change after the other.
class ConfigUser {
 public:
  virtual ~ConfigUser() = default;

  /// Gets ready for `next` everything that can fail, ports for example. Nothing that runs changes.
  virtual std::expected<void, ConfigErrors> prepare(std::shared_ptr<const ServerConfig> next) = 0;
  /// Gives back what prepare() got ready.
  virtual void abandon() = 0;
  /// Puts in force what was prepared; over once it is so on every shard.
  virtual Task<ReloadReport> commit() = 0;
};

/// The config of a server that runs: what is in force, and every way to change it. All changes go one after the other,
/// so that the files, what is in force and what an answer says are the same. Lives on shard 0.
///
/// A change reads the files again first, so that it loses nothing of what somebody wrote into them meanwhile, and puts
/// that in force as well. It is checked as files are checked; then saved: in the file in which an object stands its
/// statement alone is replaced, new objects come at the end of the main file, and comments and layout of everything
/// else stay. Files are written beside the old ones and moved over them, so that a full disk leaves the old ones whole.
/// A change that fails, wherever, changes nothing.
class ConfigStore {
 public:
  /// Alters a copy of what the files say, or says why not. Runs on a thread of its own, where it may take its time:
  /// it owns what it uses. What it leaves is checked as a whole afterwards, so it need not check names and ports.
  ///
  /// A stream or template that it does not touch keeps its own text, and goes with a template that it changes.
  using Change = std::move_only_function<std::expected<void, ConfigErrors>(ServerConfig&)>;

  /// The config in force. On any shard, there always the same as what runs there; the snapshot stays as it is.
  [[nodiscard]] std::shared_ptr<const ServerConfig> current() const;

  /// Reads the files again and puts in force what differs. On any shard; goes on when its caller is gone.
  Task<ConfigOutcome> reload();
  /// Changes the config and saves it. On any shard; goes on when its caller is gone.
  Task<ConfigOutcome> change(Change change);
  /// Makes `text` the whole main file; drop-ins stay as they are. On any shard; goes on when its caller is gone.
  Task<ConfigOutcome> replace_text(std::string text);
};

}  // namespace sluice::app
