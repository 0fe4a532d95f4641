#include "app/tls_ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/assert.hpp"

namespace sluice::app {
namespace {

namespace fs = std::filesystem;

// As Flussonic's installers have named them. What vouches for NAME.crt may lie in NAME-ca.crt.
constexpr std::array<std::string_view, 2> kCustomaryNames{"streamer", "flussonic"};

net::CertificateFiles files_of(const CertificateRow& row, const fs::path& folder) {
  net::CertificateFiles files{.certificate = folder / row.certificate, .key = folder / row.key};
  if (row.key.empty()) files.key = fs::path(files.certificate).replace_extension(".key");
  return files;
}

/// The certificates to use; none where none is named and none lies where it is customary.
std::vector<net::CertificateFiles> certificate_files(const ServerConfig& config) {
  std::vector<net::CertificateFiles> out;
  for (const CertificateRow& row : config.certificates) out.push_back(files_of(row, config.folder.path));
  if (!out.empty()) return out;
  for (const auto name : kCustomaryNames) {
    std::error_code ignored;
    const auto file = [&](std::string_view end) { return config.folder.path / fmt::format("{}{}", name, end); };
    if (!fs::exists(file(".crt"), ignored)) continue;
    net::CertificateFiles files{.certificate = file(".crt"), .key = file(".key")};
    if (fs::exists(file("-ca.crt"), ignored)) files.chain = file("-ca.crt");
    out.push_back(std::move(files));
    break;
  }
  return out;
}

config::Diagnostic said(config::Position at, config::Severity severity, std::string message) {
  return {.file = {}, .at = at, .severity = severity, .message = std::move(message), .expected = {}, .pointer = {}};
}

/// The TLS ports, and whether they are for HTTP.
std::vector<std::pair<const Listener*, bool>> tls_ports(const ServerConfig& config) {
  std::vector<std::pair<const Listener*, bool>> out;
  for (const Listener& listener : config.https) out.emplace_back(&listener, true);
  for (const Listener& listener : config.rtmps) out.emplace_back(&listener, false);
  return out;
}

}  // namespace

net::TlsServer::Options TlsPorts::options_of(const Listener& listener, bool http) const {
  return {.certificates = files_, .versions = listener.ssl_protocols, .http = http};
}

std::expected<TlsPorts, std::vector<config::Diagnostic>> TlsPorts::make(const ServerConfig& config,
                                                                        const TlsPorts& former) {
  TlsPorts out;
  const auto ports = tls_ports(config);
  if (ports.empty()) return out;
  std::vector<config::Diagnostic> errors;
  const auto error = [&](config::Position at, std::string why) {
    errors.push_back(said(at, config::Severity::error, std::move(why)));
  };
  const auto first_port = ports.front().first->origin.at;
  out.files_ = certificate_files(config);
  if (out.files_.empty()) {
    error(first_port, fmt::format("a port for TLS needs a certificate: 'certificate' names none, and there is no {}",
                                  (config.folder.path / fmt::format("{}.crt", kCustomaryNames.front())).string()));
  }
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  for (std::size_t i = 0; i < out.files_.size(); ++i) {
    const auto at = config.certificates.empty() ? first_port : config.certificates[i].origin.at;
    const auto loaded = net::load_certificate(out.files_[i]);
    if (!loaded) {
      error(at, loaded.error());
    } else if (const auto fault = loaded->time_fault(now); !fault.empty()) {
      out.warnings_.push_back(
          said(at, config::Severity::warning,
               fmt::format("{}: {}: clients will refuse it", out.files_[i].certificate.string(), fault)));
    }
  }
  for (const auto& [listener, http] : ports) {
    if (!errors.empty()) return std::unexpected(std::move(errors));
    const auto options = out.options_of(*listener, http);
    const auto alike = [&](const auto& server) { return server->options() == options; };
    if (std::ranges::any_of(out.servers_, alike)) continue;
    if (const auto old = std::ranges::find_if(former.servers_, alike); old != former.servers_.end()) {
      out.servers_.push_back(*old);
    } else if (auto made = net::TlsServer::create(options)) {
      out.servers_.push_back(std::move(*made));
    } else {
      error(listener->origin.at, made.error());
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return out;
}

std::shared_ptr<net::TlsServer> TlsPorts::of(const Listener& listener, bool http) const {
  const auto found = std::ranges::find(servers_, options_of(listener, http), &net::TlsServer::options);
  SLUICE_ASSERT(found != servers_.end(), "a port of another config");
  return *found;
}

void TlsPorts::refresh() const {
  for (const auto& server : servers_) server->refresh();
}

}  // namespace sluice::app
