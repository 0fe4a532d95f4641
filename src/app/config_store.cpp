#include "app/config_store.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <ranges>
#include <utility>

#include "app/config_edit.hpp"
#include "core/log.hpp"
#include "core/secret_name.hpp"

namespace sluice::app {
namespace {

namespace fs = std::filesystem;

config::Diagnostic said_of(const fs::path& file, std::string message) {
  return {.file = file.string(),
          .at = {},
          .message = std::move(message),
          .expected = {},
          .fault = config::Fault::not_saved,
          .pointer = {}};
}
ConfigErrors one_error(const fs::path& file, std::string message) { return {said_of(file, std::move(message))}; }

/// A wrong value of a secret is nearly one: of such an error the log says where it is, not what it is.
bool is_about_a_secret(const config::Diagnostic& error) {
  const auto names_one = [](std::string_view text, char separator) {
    return std::ranges::any_of(std::views::split(text, separator),
                               [](auto part) { return is_secret_name(std::string_view(part)); });
  };
  return names_one(error.pointer, '/') || names_one(error.message, '\'');
}

std::string for_log(config::Diagnostic error) {
  if (is_about_a_secret(error)) {
    error.message = "a bad value of a secret";
    error.expected.clear();
  }
  return to_string(error);
}

/// For logs: what an outcome was.
void tell(const ConfigOutcome& outcome) {
  if (!outcome) {
    for (const auto& error : outcome.error()) log::error("the config stays as it was", {{"error", for_log(error)}});
    return;
  }
  for (const auto& warning : outcome->warnings) log::warning("the config", {{"warning", to_string(warning)}});
  log::info("another config is in force", {{"added", outcome->added.size()},
                                           {"removed", outcome->removed.size()},
                                           {"changed", outcome->changed.size()},
                                           {"begun_anew", outcome->restarted.size()}});
}

/// Answers who asked; what goes wrong there is not the business of those who asked after him.
void answer(std::move_only_function<void(const ConfigOutcome&)>& done, const ConfigOutcome& outcome) {
  try {
    done(outcome);
  } catch (const std::exception& e) {
    log::error("who asked for a change of the config could not be answered", {{"error", e.what()}});
  }
}

Result<void> write(const ConfigFile& file) {
  auto replacement = FileReplacement::prepare(file.path, file.text);
  if (!replacement) return std::unexpected(replacement.error());
  return replacement->commit();
}

}  // namespace

ConfigStore::ConfigStore(fs::path file, std::shared_ptr<const ServerConfig> first, Shards& shards, Worker& worker,
                         ConfigUser& user)
    : shards_(shards),
      worker_(worker),
      user_(user),
      file_(std::move(file)),
      current_(shards.size(), std::move(first)) {}

void ConfigStore::start() {
  shards_[0].post([this] { changes_.spawn(take_changes()); });
}

// --- asking -------------------------------------------------------------------------------------------------------

Task<ConfigOutcome> ConfigStore::reload() {
  return submitted([](const ConfigSource&) { return std::vector<ConfigFile>(); });
}

void ConfigStore::reload(std::move_only_function<void(const ConfigOutcome&)> done) {
  shards_[0].post([this, d = std::move(done)]() mutable {
    submit({.edit = [](const ConfigSource&) { return std::vector<ConfigFile>(); }, .done = std::move(d)});
  });
}

Task<ConfigOutcome> ConfigStore::change(Change change) {
  return submitted([change = std::move(change)](
                       const ConfigSource& source) mutable -> std::expected<std::vector<ConfigFile>, ConfigErrors> {
    const auto before = parse_config(source);
    if (!before) return std::unexpected(before.error());
    ServerConfig after = *before;
    if (auto ok = change(after); !ok) return std::unexpected(std::move(ok.error()));
    return edit_source(source, *before, after);
  });
}

Task<ConfigOutcome> ConfigStore::replace_text(std::string text) {
  return submitted([text = std::move(text)](const ConfigSource& source) mutable {
    ConfigFile main{.path = source.files.front().path, .text = std::move(text)};
    return main == source.files.front() ? std::vector<ConfigFile>() : std::vector{std::move(main)};
  });
}

Task<std::expected<std::string, ConfigErrors>> ConfigStore::text() {
  co_return co_await worker_.run([file = file_]() -> std::expected<std::string, ConfigErrors> {
    auto source = read_source(file, {});
    if (!source) return std::unexpected(std::move(source.error()));
    return std::move(source->files.front().text);
  });
}

/// Waits on the caller's shard for what happens on shard 0.
Task<ConfigOutcome> ConfigStore::submitted(Edit edit) {
  struct Waiting {
    Shard& shard;
    Event done;
    std::optional<ConfigOutcome> outcome;
  };
  const auto waiting = std::make_shared<Waiting>(Shard::current());
  const auto answer = [waiting](const ConfigOutcome& outcome) {
    waiting->shard.post([waiting, outcome] {
      waiting->outcome = outcome;
      waiting->done.notify_all();
    });
  };
  shards_[0].post([this, e = std::move(edit), answer]() mutable { submit({.edit = std::move(e), .done = answer}); });
  while (!waiting->outcome) co_await waiting->done.wait();
  co_return std::move(*waiting->outcome);
}

void ConfigStore::submit(Job job) {
  if (jobs_.size() >= kMostWaiting) {
    return answer(job.done, std::unexpected(one_error(file_, "too many changes of the config are waiting")));
  }
  jobs_.push_back(std::move(job));
  on_job_.notify_all();
}

// --- doing --------------------------------------------------------------------------------------------------------

Task<void> ConfigStore::take_changes() {
  for (;;) {
    while (jobs_.empty()) co_await on_job_.wait();
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    const auto outcome = co_await attempt(std::move(job.edit));
    tell(outcome);
    answer(job.done, outcome);
  }
}

/// An exception is an error like another, and does not end the changes of those who wait.
Task<ConfigOutcome> ConfigStore::attempt(Edit edit) {
  bool begun = false;
  std::string why = "an exception";
  try {
    co_return co_await carry_out(std::move(edit), begun);
  } catch (const std::exception& e) {
    why = e.what();
  } catch (...) {
  }
  user_.abandon();
  const std::string left = begun ? "part of it may be saved or in force: restart the server" : "nothing has changed";
  co_return std::unexpected(one_error(file_, "the change ended by a defect of the server (" + why + "); " + left));
}

/// `begun`: from here on something may have changed.
Task<ConfigOutcome> ConfigStore::carry_out(Edit edit, bool& begun) {
  auto next = co_await worker_.run([file = file_, e = std::move(edit)]() mutable { return make_next(file, e); });
  if (!next) co_return std::unexpected(std::move(next.error()));
  const auto config = (*next)->config;
  if (auto ready = co_await user_.prepare(config); !ready) {
    for (auto& error : ready.error()) error.file = name_of_file((*next)->read, error.at);
    co_return std::unexpected(std::move(ready.error()));
  }
  begun = true;
  auto warnings = config->warnings;
  if (!(*next)->files.empty()) {
    auto saved = co_await worker_.run([n = *next] { return save(*n); });
    if (!saved) {
      user_.abandon();
      co_return std::unexpected(std::move(saved.error()));
    }
    std::ranges::move(*saved, std::back_inserter(warnings));
  }
  ReloadReport report = co_await user_.commit();
  report.warnings = std::move(warnings);
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
    co_await call_on(shards_[shard], [this, shard, config] {
      current_[shard] = config;
      return true;
    });
  }
  co_return report;
}

/// On the worker: reads, edits and checks, and writes what has to change beside the files.
std::expected<std::shared_ptr<ConfigStore::Next>, ConfigErrors> ConfigStore::make_next(const fs::path& file,
                                                                                       Edit& edit) {
  auto source = read_source(file, environment_settings());
  if (!source) return std::unexpected(std::move(source.error()));
  auto next = std::make_shared<Next>();
  next->read = *source;
  const auto changed = edit(*source);
  if (!changed) return std::unexpected(changed.error());
  std::vector<ConfigFile> former;
  for (const ConfigFile& one : *changed) {
    ConfigFile& own = *std::ranges::find(source->files, one.path, &ConfigFile::path);
    former.push_back(std::exchange(own, one));
  }
  auto config = parse_config(*source);
  if (!config) return std::unexpected(std::move(config.error()));
  next->config = std::make_shared<const ServerConfig>(*std::move(config));
  for (std::size_t i = 0; i < former.size(); ++i) {
    const auto& [path, text] = (*changed)[i];
    auto written = FileReplacement::prepare(path, text);
    if (!written) return std::unexpected(one_error(path, "cannot be saved: " + written.error().message()));
    next->files.push_back({.former = std::move(former[i]), .next = std::move(*written)});
  }
  return next;
}

/// On the worker: the files become what was prepared, unless somebody else has changed them meanwhile.
std::expected<std::vector<config::Diagnostic>, ConfigErrors> ConfigStore::save(Next& next) {
  const auto& main = next.read.files.front().path;
  const auto now = read_source(main, next.read.environment);
  if (!now) return std::unexpected(now.error());
  if (*now != next.read) return std::unexpected(one_error(main, "was changed by somebody else at this moment"));
  for (auto file = next.files.begin(); file != next.files.end(); ++file) {
    const auto ok = file->next.commit();
    if (ok) continue;
    ConfigErrors errors = one_error(file->former.path, "cannot be saved: " + ok.error().message());
    for (const auto& [former, _] : std::ranges::subrange(next.files.begin(), file)) {
      const auto back = write(former);
      if (!back)
        errors.push_back(said_of(former.path, "is changed, and cannot be written back: " + back.error().message()));
    }
    return std::unexpected(std::move(errors));
  }
  std::vector<config::Diagnostic> warnings;
  for (const auto& [former, file] : next.files) {
    if (auto ok = file.sync(); !ok) {
      warnings.push_back(said_of(former.path, "is saved, but a power failure may undo that: " + ok.error().message()));
    }
  }
  return warnings;
}

}  // namespace sluice::app
