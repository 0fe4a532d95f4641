#pragma once

#include <functional>
#include <string>
#include <utility>

#include "core/shard.hpp"
#include "net/http_server.hpp"
#include "net/socket.hpp"

namespace sluice::load {

/// An HTTP server on a port of loopback, on the shard of the test.
class TestServer {
 public:
  TestServer(Shard& shard, net::HttpHandler handler) : handler_(std::move(handler)) {
    auto listener = net::TcpListener::listen(shard, "127.0.0.1", 0);
    port_ = listener.value().port();
    shard.post([this, l = std::make_shared<net::TcpListener>(std::move(*listener))] {
      scope_.spawn(accept(l, scope_, handler_));
    });
  }

  [[nodiscard]] std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  /// Closes everything. On the shard.
  void stop() { scope_.cancel(); }

  /// An answer that is `bytes`, then the end of the connection.
  static net::HttpResponse flow(std::shared_ptr<const Bytes> bytes, std::string_view type) {
    net::HttpResponse response{.kind = {.content_type = type}};
    response.takeover = [bytes](net::TcpSocket& socket) { return send(socket, bytes); };
    return response;
  }

 private:
  static Task<void> send(net::TcpSocket& socket, std::shared_ptr<const Bytes> bytes) {
    co_await socket.send(BytesView(*bytes), Shard::current().now() + std::chrono::seconds(20));
  }
  static Task<void> accept(std::shared_ptr<net::TcpListener> listener, TaskScope& scope,
                           const net::HttpHandler& handler) {
    for (;;) {
      auto accepted = co_await listener->accept();
      if (!accepted) co_return;
      auto socket = net::TcpSocket::adopt(accepted->fd, accepted->peer);
      if (socket) scope.spawn(net::serve_http(std::move(*socket), handler));
    }
  }

  net::HttpHandler handler_;
  std::uint16_t port_ = 0;
  TaskScope scope_;
};

}  // namespace sluice::load
