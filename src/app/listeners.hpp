#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/server_config.hpp"
#include "app/tls_ports.hpp"
#include "core/shard.hpp"
#include "core/task.hpp"
#include "net/socket.hpp"

namespace sluice::app {

/// The ports that the server listens on, as the config says. A port that the next config has too is never closed, not
/// for a moment, also where it has more addresses then or fewer; its new options apply to the connections that it
/// accepts from then on. Lives on shard 0.
class Listeners {
 public:
  enum class Protocol : std::uint8_t { http, rtmp };
  struct Port {
    Protocol protocol = Protocol::http;
    Listener config;
    std::shared_ptr<const net::TlsServer> tls = nullptr;  ///< null: without TLS

    /// "http 80", as in the config.
    [[nodiscard]] std::string text() const;
  };
  using OnConnection = std::function<void(const Port&, net::TcpListener::Accepted)>;

  /// `on_connection` is called for each connection. `shard` outlives this.
  Listeners(Shard& shard, OnConnection on_connection) : shard_(shard), on_connection_(std::move(on_connection)) {}

  /// Opens the ports of `next` that are not open yet; says which cannot be. They accept nobody yet. `tls` is of `next`.
  /// `shard` need not run.
  std::expected<void, std::vector<config::Diagnostic>> prepare(const ServerConfig& next, const TlsPorts& tls);
  /// Closes what prepare() opened.
  void abandon();
  struct Changes {
    std::vector<std::string> opened;
    std::vector<std::string> closed;  ///< the connections that came by them stay
  };
  /// Listens on the ports that were prepared, and on no others. On the shard.
  Changes commit();
  void close() { acceptors_.clear(); }

 private:
  struct Acceptor {
    Port port;
    net::TcpListener listener;
    TaskScope accepting;
  };
  /// A port of the next config: the acceptor that has it already, or a listener that was opened for it.
  struct Next {
    Port port;
    Acceptor* acceptor = nullptr;
    std::optional<net::TcpListener> listener;
    bool beside = false;  ///< it listens from commit() on: an acceptor that goes has the port until then
  };

  Result<net::TcpListener> open(const Listener& where, bool beside) const;
  [[nodiscard]] std::vector<Acceptor*> leaving(std::uint16_t port) const;
  static void begin_beside(Next& next);
  Task<void> accept(Acceptor& acceptor);

  // borrowed (outlives this)
  Shard& shard_;
  // state
  const OnConnection on_connection_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<Next> next_;
};

}  // namespace sluice::app
