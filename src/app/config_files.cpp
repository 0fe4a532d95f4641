#include "app/config_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "app/server_schema.hpp"
#include "config/suggest.hpp"
#include "config/syntax.hpp"
#include "core/file_replacement.hpp"

namespace sluice::app {
namespace {

namespace fs = std::filesystem;
using config::Diagnostics;
using config::Statement;

using Errors = std::vector<config::Diagnostic>;

std::unexpected<Errors> failure(const fs::path& path, std::string message) {
  Diagnostics out(path.string());
  out.error({}, std::move(message));
  return std::unexpected(out.errors());
}

// --- the environment ----------------------------------------------------------------------------------------------

/// One variable, without its prefix.
struct Variable {
  std::string_view name;
  std::string_view directive;  ///< empty: there is none
  char separator = '\0';       ///< between the arguments of the directive; 0: it has one
  bool is_list = false;        ///< the directive may be repeated: values with commas between them
};
constexpr std::array kVariables{
    Variable{"HTTP", "http", '\0', true},
    Variable{"HTTPS", "https", '\0', true},
    Variable{"RTMP", "rtmp", '\0', true},
    Variable{"RTMPS", "rtmps", '\0', true},
    Variable{"EDIT_AUTH", "edit_auth", ':'},
    Variable{"VIEW_AUTH", "view_auth", ':'},
    Variable{"API_ALLOWED_FROM", "api_allowed_from", ','},
    Variable{"LOG_LEVEL", "loglevel"},
    Variable{"CLUSTER_KEY", "cluster_key"},
    Variable{"CONFIG_EXTERNAL", "config_external"},
    Variable{"HOSTNAME", ""},
    Variable{"SECRETS_STORAGE", ""},
};
constexpr std::array<std::string_view, 2> kPrefixes{"SLUICE_", "FLUSSONIC_"};
constexpr std::string_view kLicence = "LICENSE_KEY";

const Variable* find_variable(std::string_view name) {
  for (const auto prefix : kPrefixes) {
    if (!name.starts_with(prefix)) continue;
    const auto found = std::ranges::find(kVariables, name.substr(prefix.size()), &Variable::name);
    return found == kVariables.end() ? nullptr : found;
  }
  return nullptr;
}

std::vector<std::string> split(std::string_view text, char separator, bool once) {
  std::vector<std::string> out;
  while (true) {
    const auto at = separator == '\0' || (once && !out.empty()) ? std::string_view::npos : text.find(separator);
    out.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

/// The statements that a variable stands for.
std::vector<Statement> statements_of(const Variable& variable, const std::string& value, config::Position at) {
  std::vector<Statement> out;
  for (const std::string& one : split(value, variable.is_list ? ',' : '\0', false)) {
    Statement& made = out.emplace_back(Statement{.name = std::string(variable.directive), .at = at, .after = at});
    for (std::string& word : split(one, variable.separator, variable.separator == ':')) {
      made.args.push_back({.text = std::move(word), .quoted = true, .at = at, .after = at});
    }
  }
  return out;
}

/// A name of ours that nobody knows is probably mistyped; but container platforms make names like SLUICE_PORT_80_TCP.
std::optional<std::string> likely_meant(std::string_view name) {
  std::vector<std::string> known;
  for (const Variable& variable : kVariables) known.push_back(std::string(kPrefixes[0]) + std::string(variable.name));
  const std::vector<std::string_view> names(known.begin(), known.end());
  auto meant = config::did_you_mean(name, names);
  return meant.empty() ? std::nullopt : std::optional(std::move(meant));
}

/// Puts what the environment says into `statements`, in the place of what the files say of the same.
void apply_environment(config::Reader& in, Diagnostics& out, const std::vector<EnvironmentSetting>& settings,
                       std::vector<Statement>& statements) {
  const auto& schema = server_schema();
  for (const auto& [name, value] : settings) {
    const config::Position at{.file = out.add_file(name)};
    if (name == kLicence) {
      in.warning(at, "has no effect: no licence is needed");
      continue;
    }
    const Variable* variable = find_variable(name);
    if (variable == nullptr) {
      if (const auto meant = likely_meant(name)) in.warning(at, "is not known" + *meant);
      continue;
    }
    const auto* row = schema.find(variable->directive);
    if (row == nullptr) {
      in.error(at, "is not supported yet");
      continue;
    }
    std::erase_if(statements, [&](const Statement& other) { return schema.find(other.name) == row; });
    std::ranges::move(statements_of(*variable, value, at), std::back_inserter(statements));
  }
}

}  // namespace

std::vector<EnvironmentSetting> settings_of(std::span<const char* const> environment) {
  std::vector<EnvironmentSetting> out;
  for (const auto prefix : kPrefixes) {
    for (const std::string_view entry : environment) {
      const auto equals = entry.find('=');
      const auto name = entry.substr(0, equals);
      const bool licence = name == kLicence && prefix == kPrefixes.back();
      if ((!name.starts_with(prefix) && !licence) || equals + 1 >= entry.size()) continue;
      // The same in our spelling goes before.
      const Variable* variable = find_variable(name);
      const auto same = [&](const EnvironmentSetting& other) {
        return variable != nullptr && find_variable(other.variable) == variable;
      };
      if (std::ranges::none_of(out, same)) {
        out.push_back({.variable = std::string(name), .value = std::string(entry.substr(equals + 1))});
      }
    }
  }
  std::ranges::sort(out, {}, &EnvironmentSetting::variable);
  return out;
}

std::vector<EnvironmentSetting> environment_settings() {
  std::size_t size = 0;
  while (environ[size] != nullptr) ++size;
  return settings_of(std::span<const char* const>(environ, size));
}

// --- files --------------------------------------------------------------------------------------------------------

bool is_drop_in(std::string_view name) {
  constexpr std::array<std::string_view, 10> kLeftovers{".bak", ".orig",    ".rej",    ".tmp",  ".swp",
                                                        ".old", ".rpmsave", ".rpmnew", ".save", ".rpmorig"};
  constexpr std::array<std::string_view, 2> kPackages{".dpkg-", ".ucf-"};  // .dpkg-old, .ucf-dist
  if (name.empty() || name.starts_with('.') || name.ends_with('~') || name.starts_with('#')) return false;
  const auto dot = name.rfind('.');
  const auto extension = dot == std::string_view::npos ? std::string_view() : name.substr(dot);
  return std::ranges::find(kLeftovers, extension) == kLeftovers.end() &&
         std::ranges::none_of(kPackages, [&](auto leftover) { return extension.starts_with(leftover); });
}

std::expected<ConfigSource, Errors> read_source(const fs::path& path, std::vector<EnvironmentSetting> environment) {
  ConfigSource source{.files = {}, .environment = std::move(environment)};
  std::vector<fs::path> paths{path};
  std::error_code error;
  fs::path directory = path;
  directory += ".d";
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const bool is_file = entry->is_regular_file(error);
    if (is_file && is_drop_in(entry->path().filename().string())) paths.push_back(entry->path());
    if (error == std::errc::no_such_file_or_directory) error.clear();  // a link to nothing, or one that is gone by now
    if (paths.size() > kMostDropIns + 1) return failure(directory, "has more than 1000 files");
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return failure(directory, "cannot be read: " + error.message());
  }
  std::sort(paths.begin() + 1, paths.end());
  std::size_t left = config::kMaxFileSize;
  for (const fs::path& each : paths) {
    auto text = read_file(each, left);
    if (!text && text.error() == std::errc::file_too_large) {
      return failure(each, "the config is longer than 16 MiB");
    }
    if (!text) return failure(each, "cannot be read: " + text.error().message());
    left -= text->size();
    source.files.push_back({.path = each, .text = *std::move(text)});
  }
  return source;
}

std::string name_of_file(const ConfigSource& source, config::Position at) {
  return at.file < source.files.size() ? source.files[at.file].path.string()
                                       : source.environment[at.file - source.files.size()].variable;
}

std::expected<ServerConfig, Errors> parse_config(const ConfigSource& source) {
  Diagnostics out(source.files.front().path.string());
  std::vector<Statement> statements;
  for (std::uint32_t i = 0; i < source.files.size(); ++i) {
    const auto file = i == 0 ? i : out.add_file(source.files[i].path.string());
    std::ranges::move(config::parse(source.files[i].text, out, file), std::back_inserter(statements));
  }
  if (!out.ok()) return std::unexpected(out.errors());
  config::Reader in(out, server_schema().info());
  apply_environment(in, out, source.environment, statements);
  ServerConfig config = read_statements(in, std::move(statements));
  if (!out.ok()) return std::unexpected(out.errors());
  config.folder.path = source.files.front().path.parent_path();
  config.warnings = out.warnings();
  return config;
}

std::expected<ServerConfig, Errors> parse_config(std::string_view text, std::string file) {
  return parse_config(ConfigSource{.files = {{.path = std::move(file), .text = std::string(text)}}, .environment = {}});
}

std::expected<ServerConfig, Errors> load_config(const fs::path& path) {
  const auto source = read_source(path, environment_settings());
  if (!source) return std::unexpected(source.error());
  return parse_config(*source);
}

}  // namespace sluice::app
