#pragma once

#include <expected>
#include <memory>
#include <vector>

#include "app/server_config.hpp"
#include "config/diagnostic.hpp"
#include "net/tls_server.hpp"

namespace sluice::app {

/// What the TLS ports of a config speak TLS with: one server for each way in which they are configured. A plain value.
class TlsPorts {
 public:
  /// Reads the certificates; blocks. What is configured as in `former` is taken over from it, with the keys of its
  /// tickets. What cannot be used is an error at the place that names it, without the name of the config's file.
  static std::expected<TlsPorts, std::vector<config::Diagnostic>> make(const ServerConfig& config,
                                                                       const TlsPorts& former);

  /// What `listener` speaks TLS with; `http`: it is a port for HTTP. REQUIRES: it is of the config.
  [[nodiscard]] std::shared_ptr<net::TlsServer> of(const Listener& listener, bool http) const;

  /// Certificates whose time is over: a server that goes on with them is still better than none.
  [[nodiscard]] const std::vector<config::Diagnostic>& warnings() const { return warnings_; }

  /// TlsServer::refresh() of each; blocks.
  void refresh() const;

 private:
  [[nodiscard]] net::TlsServer::Options options_of(const Listener& listener, bool http) const;

  std::vector<net::CertificateFiles> files_;
  std::vector<std::shared_ptr<net::TlsServer>> servers_;
  std::vector<config::Diagnostic> warnings_;
};

}  // namespace sluice::app
