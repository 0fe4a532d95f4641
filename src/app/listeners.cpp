#include "app/listeners.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"

namespace sluice::app {
namespace {

std::vector<Listeners::Port> ports_of(const ServerConfig& config, const TlsPorts& tls) {
  using Protocol = Listeners::Protocol;
  std::vector<Listeners::Port> out;
  for (const Listener& listener : config.http) out.push_back({Protocol::http, listener});
  for (const Listener& listener : config.https) out.push_back({Protocol::http, listener, tls.of(listener, true)});
  for (const Listener& listener : config.rtmp) out.push_back({Protocol::rtmp, listener});
  for (const Listener& listener : config.rtmps) out.push_back({Protocol::rtmp, listener, tls.of(listener, false)});
  return out;
}

bool is_same_place(const Listener& a, const Listener& b) { return a.address == b.address && a.port == b.port; }

}  // namespace

std::string Listeners::Port::text() const {
  return fmt::format("{}{} {}", protocol == Protocol::http ? "http" : "rtmp", tls != nullptr ? "s" : "",
                     config::listen_address().print({config.address, config.port}));
}

Result<net::TcpListener> Listeners::listen(const Listener& where) const {
  if (!where.address.empty()) return net::TcpListener::listen(shard_, where.address, where.port);
  auto made = net::TcpListener::listen(shard_, "::", where.port);
  // A kernel without IPv6 has no "::".
  return made ? std::move(made) : net::TcpListener::listen(shard_, "0.0.0.0", where.port);
}

std::expected<void, std::vector<config::Diagnostic>> Listeners::prepare(const ServerConfig& config,
                                                                        const TlsPorts& tls) {
  next_.clear();
  std::vector<config::Diagnostic> errors;
  for (Port& port : ports_of(config, tls)) {
    Next& next = next_.emplace_back(Next{.port = std::move(port), .listener = {}});
    const auto open = std::ranges::find_if(
        acceptors_, [&](const auto& acceptor) { return is_same_place(acceptor->port.config, next.port.config); });
    if (open != acceptors_.end()) {
      next.acceptor = open->get();
      continue;
    }
    auto listener = listen(next.port.config);
    if (listener) {
      next.listener = std::move(*listener);
    } else {
      errors.push_back({.file = {},
                        .at = next.port.config.origin.at,
                        .message = fmt::format("{} cannot be opened: {}", next.port.text(), listener.error().message()),
                        .expected = {},
                        .pointer = {}});
    }
  }
  if (errors.empty()) return {};
  abandon();
  return std::unexpected(std::move(errors));
}

Listeners::Changes Listeners::commit() {
  Changes changes;
  auto former = std::exchange(acceptors_, {});
  for (Next& next : next_) {
    auto acceptor = std::ranges::find(former, next.acceptor, &std::unique_ptr<Acceptor>::get);
    if (next.acceptor != nullptr) {
      (*acceptor)->port = std::move(next.port);
      acceptors_.push_back(std::move(*acceptor));
      former.erase(acceptor);
      continue;
    }
    changes.opened.push_back(next.port.text());
    Acceptor& made =
        *acceptors_.emplace_back(std::make_unique<Acceptor>(std::move(next.port), std::move(*next.listener)));
    made.accepting.spawn(accept(made));
  }
  next_.clear();
  for (const auto& acceptor : former) changes.closed.push_back(acceptor->port.text());
  return changes;
}

Task<void> Listeners::accept(Acceptor& acceptor) {
  for (;;) {
    auto accepted = co_await acceptor.listener.accept();
    if (!accepted) {
      log::error("a port accepts no more", {{"port", acceptor.listener.port()}, {"error", accepted.error().message()}});
      co_return;
    }
    on_connection_(acceptor.port, std::move(*accepted));
  }
}

}  // namespace sluice::app
