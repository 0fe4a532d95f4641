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

Result<net::TcpListener> Listeners::open(const Listener& where, bool beside) const {
  const auto at = [&](const std::string& address) {
    return beside ? net::TcpListener::bind_beside(shard_, address, where.port)
                  : net::TcpListener::listen(shard_, address, where.port);
  };
  if (!where.address.empty()) return at(where.address);
  auto made = at("::");
  // A kernel without IPv6 has no "::".
  return made || made.error() == std::errc::address_in_use ? std::move(made) : at("0.0.0.0");
}

/// The acceptors that have that port, and are not in the next config.
std::vector<Listeners::Acceptor*> Listeners::leaving(std::uint16_t port) const {
  std::vector<Acceptor*> out;
  for (const auto& acceptor : acceptors_) {
    const bool stays = std::ranges::find(next_, acceptor.get(), &Next::acceptor) != next_.end();
    if (acceptor->port.config.port == port && !stays) out.push_back(acceptor.get());
  }
  return out;
}

std::expected<void, std::vector<config::Diagnostic>> Listeners::prepare(const ServerConfig& config,
                                                                        const TlsPorts& tls) {
  abandon();
  for (Port& port : ports_of(config, tls)) {
    Next& next = next_.emplace_back(Next{.port = std::move(port), .listener = {}});
    const auto open = std::ranges::find_if(
        acceptors_, [&](const auto& acceptor) { return is_same_place(acceptor->port.config, next.port.config); });
    if (open != acceptors_.end()) next.acceptor = open->get();
  }
  std::vector<config::Diagnostic> errors;
  for (Next& next : next_) {
    if (next.acceptor != nullptr) continue;
    const Listener& where = next.port.config;
    const auto former = leaving(where.port);
    next.beside = !former.empty();
    for (Acceptor* acceptor : former) acceptor->listener.set_shared(true);
    auto listener = open(where, next.beside);
    if (listener) {
      next.listener = std::move(*listener);
    } else {
      errors.push_back({.file = {},
                        .at = where.origin.at,
                        .message = fmt::format("{} cannot be opened: {}", next.port.text(), listener.error().message()),
                        .expected = {},
                        .pointer = {}});
    }
  }
  if (errors.empty()) return {};
  abandon();
  return std::unexpected(std::move(errors));
}

void Listeners::abandon() {
  for (const Next& next : next_) {
    if (!next.beside) continue;
    for (Acceptor* acceptor : leaving(next.port.config.port)) acceptor->listener.set_shared(false);
  }
  next_.clear();
}

/// Who has the port still has it: from here on new connections to the addresses of both come to the one that is bound
/// more closely.
void Listeners::begin_beside(Next& next) {
  if (auto ok = next.listener->start(); !ok) {
    log::error("a port cannot be listened on", {{"port", next.port.text()}, {"error", ok.error().message()}});
  }
  next.listener->set_shared(false);
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
    if (next.beside) begin_beside(next);
    Acceptor& made =
        *acceptors_.emplace_back(std::make_unique<Acceptor>(std::move(next.port), std::move(*next.listener)));
    made.accepting.spawn(accept(made));
  }
  next_.clear();
  for (const auto& acceptor : former) {
    // Who has come already is not sent away.
    while (auto accepted = acceptor->listener.accept_now()) on_connection_(acceptor->port, std::move(*accepted));
    changes.closed.push_back(acceptor->port.text());
  }
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
