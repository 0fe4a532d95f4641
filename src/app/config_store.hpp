#pragma once

#include <cstddef>
#include <deque>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config_files.hpp"
#include "app/server_config.hpp"
#include "config/diagnostic.hpp"
#include "core/file_replacement.hpp"
#include "core/shard.hpp"
#include "core/task.hpp"
#include "core/worker.hpp"

namespace sluice::app {

/// What putting a config in force did. A stream that is in none of the lists was not touched.
struct ReloadReport {
  std::vector<std::string> added;      ///< streams that are new
  std::vector<std::string> removed;    ///< streams that ended, with their viewers
  std::vector<std::string> changed;    ///< streams that changed while they ran
  std::vector<std::string> restarted;  ///< streams that began a new life, for what changed cannot change in one
  std::vector<std::string> templates;  ///< that are new, gone or different; what they made follows them
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
  virtual Task<std::expected<void, ConfigErrors>> prepare(std::shared_ptr<const ServerConfig> next) = 0;
  /// Gives back what prepare() got ready; also where that, or commit(), ended with an exception.
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
/// else stay. Files are written beside the old ones and moved over them, so that a full disk leaves the old ones whole;
/// where one of several cannot be moved, those before it are written back. A change that fails, wherever, changes
/// nothing; where it has to leave something changed all the same, because the disk gave up in between or the server has
/// a defect, the error says so.
class ConfigStore {
 public:
  /// Alters a copy of what the files say, or says why not. Runs on a thread of its own, where it may take its time:
  /// it owns what it uses. What it leaves is checked as a whole afterwards, so it need not check names and ports.
  ///
  /// A stream or template that it does not touch keeps its own text, and goes with a template that it changes.
  using Change = std::move_only_function<std::expected<void, ConfigErrors>(ServerConfig&)>;

  /// How many changes may wait for their turn.
  static constexpr std::size_t kMostWaiting = 100;

  /// `first` is in force already: what `file` said when the server started. `shards`, `worker` and `user` outlive this.
  ConfigStore(std::filesystem::path file, std::shared_ptr<const ServerConfig> first, Shards& shards, Worker& worker,
              ConfigUser& user);

  /// Begins to take changes. Before the shards run, or on shard 0.
  void start();
  /// Takes none any more; one that is under way is left where it is. On shard 0, or when the shards have stopped.
  void stop() { changes_.cancel(); }

  /// The config in force. While a change is put in force this is the one before; it is the next one when all shards run
  /// that, before whoever asked is answered: so nobody sees what is not in force then, and who reads it after the
  /// answer to his own change sees that. On any shard; the snapshot stays as it is.
  [[nodiscard]] std::shared_ptr<const ServerConfig> current() const { return current_[Shard::current().index()]; }

  /// Reads the files again and puts in force what differs. On any shard; goes on when its caller is gone.
  Task<ConfigOutcome> reload();
  /// Changes the config and saves it. On any shard; goes on when its caller is gone.
  Task<ConfigOutcome> change(Change change);
  /// Makes `text` the whole main file; drop-ins stay as they are. On any shard; goes on when its caller is gone.
  Task<ConfigOutcome> replace_text(std::string text);

  /// The main file as it is now. On any shard.
  Task<std::expected<std::string, ConfigErrors>> text();

  /// The same as reload() for whoever is on no shard. `done` is called on shard 0, or destroyed uncalled when the
  /// server ends first.
  void reload(std::move_only_function<void(const ConfigOutcome&)> done);

 private:
  /// Says which files have to change, and how, for a change.
  using Edit = std::move_only_function<std::expected<std::vector<ConfigFile>, ConfigErrors>(const ConfigSource&)>;
  struct Job {
    Edit edit;
    std::move_only_function<void(const ConfigOutcome&)> done;
  };
  struct Replacement {
    ConfigFile former;
    FileReplacement next;
  };
  /// A config that is ready to be put in force, with the files that say so.
  struct Next {
    ConfigSource read;  // before the change
    std::shared_ptr<const ServerConfig> config;
    std::vector<Replacement> files;
  };

  static std::expected<std::shared_ptr<Next>, ConfigErrors> make_next(const std::filesystem::path& file, Edit& edit);
  /// On success says what is saved, but not for sure.
  static std::expected<std::vector<config::Diagnostic>, ConfigErrors> save(Next& next);

  void submit(Job job);
  Task<ConfigOutcome> submitted(Edit edit);
  Task<void> take_changes();
  Task<ConfigOutcome> attempt(Edit edit);
  Task<ConfigOutcome> carry_out(Edit edit, bool& begun);

  // borrowed (outlives this)
  Shards& shards_;
  Worker& worker_;
  ConfigUser& user_;
  // state
  const std::filesystem::path file_;
  std::vector<std::shared_ptr<const ServerConfig>> current_;  // by shard, each its shard's
  std::deque<Job> jobs_;
  Event on_job_;
  TaskScope changes_;
};

}  // namespace sluice::app
