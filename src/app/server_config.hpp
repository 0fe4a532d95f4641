#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "access/api_access.hpp"
#include "config/diagnostic.hpp"
#include "config/reader.hpp"
#include "core/log.hpp"
#include "net/tls_server.hpp"
#include "stream/stream_config.hpp"

namespace sluice::app {

/// One listening port.
struct Listener {
  std::string address;  ///< IPv4 or IPv6 in digits; empty: every address
  std::uint16_t port = 0;
  bool api = true;  ///< HTTP only: serves the API and the admin UI beside the media
  config::Origin origin;
  net::TlsVersions ssl_protocols = {};  ///< of TLS ports

  bool operator==(const Listener&) const = default;
};

/// The folder of the config file, from where relative names of files are meant. Not a part of the value: the same
/// config may lie anywhere.
struct Folder {
  std::filesystem::path path;

  friend bool operator==(const Folder&, const Folder&) { return true; }
};

/// `certificate CERT [KEY];`: files as they are written, relative to the folder of the config file.
struct CertificateRow {
  std::string certificate;
  std::string key;  ///< empty: the certificate's name with `.key`
  config::Origin origin;

  bool operator==(const CertificateRow&) const = default;
};

enum class LogLevel : std::uint8_t { debug, info, notice, warning, error, critical, alert, none };

/// A whole config file, checked: names are valid and unique, templates are applied, nothing in it is unsupported.
struct ServerConfig {
  Folder folder;
  std::vector<Listener> http;
  std::vector<Listener> https;
  std::vector<Listener> rtmp;
  std::vector<Listener> rtmps;
  std::vector<CertificateRow> certificates;  ///< of TLS ports; without any, those that lie beside the config file
  LogLevel loglevel = LogLevel::info;
  log::Format log_format = log::Format::text;
  bool log_requests = false;  ///< an access log is written
  std::string access_log;     ///< its file; empty: where all else is logged
  access::ApiAccess api_access;
  stream::StreamConfig stream_defaults;  ///< what every stream starts from: `url_prefix`, `merge_window` of the server
  std::vector<stream::TemplateConfig> templates;
  std::vector<stream::StreamConfig> streams;  ///< in the order of the file
  std::vector<config::Diagnostic> warnings;   ///< old spellings and directives without effect

  bool operator==(const ServerConfig&) const = default;
};

/// Reports names and ports that are there twice.
void check(config::Reader& in, const ServerConfig& config);

/// How the config wants to be logged.
log::Options log_options(const ServerConfig& config);

/// Reads the statements of the outermost place and checks them as a whole; what is wrong is reported to `in`.
ServerConfig read_statements(config::Reader& in, std::vector<config::Statement> statements);

/// Reads the text of a config that is one file. `file` is what messages call it.
std::expected<ServerConfig, std::vector<config::Diagnostic>> parse_config(std::string_view text, std::string file);

/// Reads a config file, its drop-ins and the environment (config_files.hpp); blocks. A file that cannot be read is an
/// error without a position.
std::expected<ServerConfig, std::vector<config::Diagnostic>> load_config(const std::filesystem::path& path);

}  // namespace sluice::app
