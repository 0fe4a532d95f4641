#pragma once

#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/server_config.hpp"
#include "config/diagnostic.hpp"

namespace sluice::app {

/// A file of the config, with its text.
struct ConfigFile {
  std::filesystem::path path;
  std::string text;

  bool operator==(const ConfigFile&) const = default;
};

/// A directive that an environment variable gives: it takes the place of all of its name in the files.
struct EnvironmentSetting {
  std::string variable;  ///< "SLUICE_HTTP"
  std::string value;

  bool operator==(const EnvironmentSetting&) const = default;
};

/// Everything that a config is read from.
struct ConfigSource {
  std::vector<ConfigFile> files;  ///< the main file, then the drop-ins in the order of their names
  std::vector<EnvironmentSetting> environment;

  bool operator==(const ConfigSource&) const = default;
};

inline constexpr std::size_t kMostDropIns = 1000;

/// Whether a file in the drop-in directory is meant to be read: not if it is hidden, an editor's backup or something
/// that a package manager left.
bool is_drop_in(std::string_view file_name);

/// The settings among `environment` ("NAME=value", as of a process). SLUICE_X goes before FLUSSONIC_X.
std::vector<EnvironmentSetting> settings_of(std::span<const char* const> environment);
/// Of this process.
std::vector<EnvironmentSetting> environment_settings();

/// Reads `path`, and the files in the directory `path`.d if it is there. Blocks. What cannot be read is an error
/// without a position.
std::expected<ConfigSource, std::vector<config::Diagnostic>> read_source(const std::filesystem::path& path,
                                                                         std::vector<EnvironmentSetting> environment);

/// What messages call the file of a position in parse_config(source): its path, or the name of the variable.
std::string name_of_file(const ConfigSource& source, config::Position at);

/// All of it as one config.
std::expected<ServerConfig, std::vector<config::Diagnostic>> parse_config(const ConfigSource& source);

}  // namespace sluice::app
