#include "app/server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "app/version.hpp"
#include "core/log.hpp"
#include "net/http_server.hpp"
#include "protocol/fake/input.hpp"
#include "protocol/rtmp/session.hpp"

namespace sluice::app {
namespace {

using std::chrono::seconds;

std::shared_ptr<const stream::StreamPlan> plan_of(const ServerConfig& config, const std::filesystem::path& numbers) {
  auto plan = std::make_shared<stream::StreamPlan>();
  plan->streams = config.streams;
  plan->templates = config.templates;
  plan->drivers = {fake::kInput};
  plan->numbers = std::make_shared<stream::NumberKeeper>(numbers);
  return plan;
}

UtcTime utc_now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

}  // namespace

Server::Server(ServerConfig config, Shards& shards, const std::filesystem::path& numbers)
    : shards_(shards), config_(std::move(config)) {
  const auto plan = plan_of(config_, numbers);
  for (auto& shard : shards_) {
    services_.push_back(std::make_unique<ShardServices>(*shard, plan));
    loads_.push_back(std::make_unique<Load>());
  }
  for (const auto& own : services_) contexts_.push_back({own->shard, own->registry, own->sessions, own->connections});
  const std::uint16_t rtmp_port = config_.rtmp.empty() ? std::uint16_t{0} : config_.rtmp.front().port;
  const auto started_at = utc_now();
  for (std::size_t i = 0; i < services_.size(); ++i) {
    apis_.push_back(std::make_unique<api::Api>(
        api::Context{.shards = contexts_, .own = i, .version = kVersion, .started_at = started_at}));
    for (const api::Api* api : {apis_[i].get(), static_cast<api::Api*>(nullptr)}) {
      routers_.push_back(std::make_unique<Router>(*services_[i], Router::Options{.api = api, .rtmp_port = rtmp_port}));
      auto& handlers = api != nullptr ? handlers_ : media_handlers_;
      handlers.emplace_back([router = routers_.back().get()](const net::HttpRequest& r) { return router->answer(r); });
    }
  }
}

Server::~Server() {
  acceptors_.cancel();
  for (auto& services : services_) services->connections.cancel();
}

Result<void> Server::start() {
  std::vector<stream::Registry*> registries;
  for (auto& services : services_) registries.push_back(&services->registry);
  stream::Registry::start(registries);
  for (std::size_t i = 0; i < services_.size(); ++i) {
    shards_[i].post([this, i] { services_[i]->connections.spawn(measure(i)); });
  }
  std::vector<std::pair<net::TcpListener, Kind>> opened;
  const auto open = [&](const Listener& listener, Kind kind) -> Result<void> {
    const std::string address = listener.address.empty() ? "::" : listener.address;
    auto made = net::TcpListener::listen(shards_[0], address, listener.port);
    // A kernel without IPv6 has no "::".
    if (!made && listener.address.empty()) made = net::TcpListener::listen(shards_[0], "0.0.0.0", listener.port);
    if (!made) {
      log::error("cannot listen", {{"address", address}, {"port", listener.port}, {"error", made.error().message()}});
      return std::unexpected(made.error());
    }
    opened.emplace_back(std::move(*made), kind);
    return {};
  };
  for (const Listener& listener : config_.http) {
    if (auto ok = open(listener, listener.api ? Kind::http : Kind::http_media_only); !ok) return ok;
  }
  for (const Listener& listener : config_.rtmp) {
    if (auto ok = open(listener, Kind::rtmp); !ok) return ok;
  }
  shards_[0].post([this, listeners = std::move(opened)]() mutable {
    for (auto& [listener, kind] : listeners) acceptors_.spawn(accept(std::move(listener), kind));
  });
  return {};
}

Task<void> Server::accept(net::TcpListener listener, Kind kind) {
  for (;;) {
    auto accepted = co_await listener.accept();
    if (!accepted) {
      log::error("a port accepts no more", {{"port", listener.port()}, {"error", accepted.error().message()}});
      co_return;
    }
    const auto to = least_loaded();
    loads_[to]->connections.fetch_add(1, std::memory_order_relaxed);
    shards_[to].post([this, to, kind, a = std::move(*accepted)]() mutable {
      services_[to]->connections.spawn(serve(to, std::move(a), kind));
    });
  }
}

/// The shard with the least of the connections and of the bytes that go out, both counted alike: the one tells at once,
/// the other what the first cannot.
std::size_t Server::least_loaded() const {
  double connections = 1;
  double bytes = 1;
  for (const auto& load : loads_) {
    connections += static_cast<double>(load->connections.load(std::memory_order_relaxed));
    bytes += static_cast<double>(load->bytes_per_second.load(std::memory_order_relaxed));
  }
  std::size_t best = 0;
  double least = 1e300;
  for (std::size_t i = 0; i < loads_.size(); ++i) {
    const double share = static_cast<double>(loads_[i]->connections.load(std::memory_order_relaxed)) / connections +
                         static_cast<double>(loads_[i]->bytes_per_second.load(std::memory_order_relaxed)) / bytes;
    if (share < least) {
      least = share;
      best = i;
    }
  }
  return best;
}

Task<void> Server::serve(std::size_t shard, net::TcpListener::Accepted accepted, Kind kind) {
  struct Leave {
    Load& load;
    ~Leave() { load.connections.fetch_sub(1, std::memory_order_relaxed); }
  } leave{*loads_[shard]};
  auto socket = net::TcpSocket::adopt(accepted.fd, std::move(accepted.peer));
  if (!socket) co_return;
  ShardServices& services = *services_[shard];
  switch (kind) {
    case Kind::rtmp: co_await rtmp::serve(std::move(*socket), services.registry, services.sessions); break;
    case Kind::http: co_await net::serve_http(std::move(*socket), handlers_[shard]); break;
    case Kind::http_media_only: co_await net::serve_http(std::move(*socket), media_handlers_[shard]); break;
  }
}

/// Once a second: how much this shard sends, and which sessions are over.
Task<void> Server::measure(std::size_t shard) {
  std::uint64_t before = 0;
  for (;;) {
    co_await sleep_for(seconds(1));
    const auto sent = shards_[shard].load().bytes_sent;
    loads_[shard]->bytes_per_second.store(sent - before, std::memory_order_relaxed);
    before = sent;
    services_[shard]->sessions.tick(shards_[shard].now());
  }
}

}  // namespace sluice::app
