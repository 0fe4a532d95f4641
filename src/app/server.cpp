#include "app/server.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

#include "access/password.hpp"
#include "app/version.hpp"
#include "core/log.hpp"
#include "net/http_server.hpp"
#include "protocol/fake/input.hpp"
#include "protocol/rtmp/session.hpp"

namespace sluice::app {
namespace {

using std::chrono::seconds;

constexpr auto kHandshakeTimeout = seconds(10);

/// The plan of `config` in the world of `former`: its drivers, its numbers.
std::shared_ptr<const stream::StreamPlan> next_plan(const ServerConfig& config, const stream::StreamPlan& former) {
  auto plan = std::make_shared<stream::StreamPlan>(former);
  plan->streams = config.streams;
  plan->templates = config.templates;
  return plan;
}

std::shared_ptr<const stream::StreamPlan> first_plan(const ServerConfig& config, const std::filesystem::path& numbers) {
  stream::StreamPlan world;
  world.drivers = {fake::kInput};
  world.numbers = std::make_shared<stream::NumberKeeper>(numbers);
  return next_plan(config, world);
}

std::uint16_t rtmp_port(const ServerConfig& config) {
  return config.rtmp.empty() ? std::uint16_t{0} : config.rtmp.front().port;
}

std::vector<std::string> changed_templates(const std::vector<stream::TemplateConfig>& before,
                                           const std::vector<stream::TemplateConfig>& after) {
  std::set<std::string> names;
  for (const auto* one : {&before, &after}) {
    const auto& other = one == &before ? after : before;
    for (const stream::TemplateConfig& entry : *one) {
      if (std::ranges::find(other, entry) == other.end()) names.insert(entry.options.name);
    }
  }
  return {names.begin(), names.end()};
}

/// A change of the plan, and what there is to say about it.
struct Replanned {
  stream::PlanChange change;
  ReloadReport report;
};

/// Compares everything: not on a shard.
Replanned replan(const ServerConfig& before, const ServerConfig& after, const stream::StreamPlan& former) {
  Replanned out{.change = stream::change_of(former, next_plan(after, former)), .report = {}};
  std::unordered_map<std::string_view, const stream::StreamConfig*> old;
  for (const stream::StreamConfig& config : before.streams) old.emplace(config.name, &config);
  for (const auto& [name, config] : out.change.streams) {
    const auto was = old.find(name);
    const bool restarts = config != nullptr && was != old.end() &&
                          stream::change_between(*was->second, *config) == stream::ConfigChange::new_life;
    auto& list = config == nullptr  ? out.report.removed
                 : was == old.end() ? out.report.added
                 : restarts         ? out.report.restarted
                                    : out.report.changed;
    list.push_back(name);
  }
  std::ranges::sort(out.report.removed);
  if (out.change.templates) out.report.templates = changed_templates(before.templates, after.templates);
  return out;
}

void offer_to_hash(const access::ApiAccess& access) {
  for (const auto& [name, login] : {std::pair("edit_auth", &access.edit_auth), {"view_auth", &access.view_auth}}) {
    if (!*login || access::is_hashed((*login)->password)) continue;
    log::info("the password stands in the config as it is: `sluice hash-password` makes a hash to put there",
              {{"directive", name}});
  }
}

UtcTime utc_now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

}  // namespace

Server::Server(const std::filesystem::path& file, std::shared_ptr<const ServerConfig> config, Shards& shards,
               const std::filesystem::path& numbers)
    : shards_(shards),
      config_(config),
      plan_(first_plan(*config, numbers)),
      listeners_(shards[0],
                 [this](const Listeners::Port& port, net::TcpListener::Accepted a) { hand_over(port, std::move(a)); }),
      store_(file, std::move(config), shards, worker_, *this) {
  for (auto& shard : shards_) {
    services_.push_back(std::make_unique<ShardServices>(*shard, plan_));
    registries_.push_back(&services_.back()->registry);
    loads_.push_back(std::make_unique<Load>());
  }
  for (const auto& own : services_) contexts_.push_back({own->shard, own->registry, own->sessions, own->connections});
  const auto started_at = utc_now();
  const auto access = std::make_shared<const access::ApiAccess>(config_->api_access);
  offer_to_hash(*access);
  for (std::size_t i = 0; i < services_.size(); ++i) {
    apis_.push_back(std::make_unique<api::Api>(
        api::Context{
            .shards = contexts_, .own = i, .version = kVersion, .started_at = started_at, .config = &api_config_},
        access, password_hashes_));
    for (api::Api* api : {apis_[i].get(), static_cast<api::Api*>(nullptr)}) {
      routers_.push_back(std::make_unique<Router>(*services_[i], api));
      routers_.back()->renew(rtmp_port(*config_));
      auto& handlers = api != nullptr ? handlers_ : media_handlers_;
      handlers.emplace_back([router = routers_.back().get()](const net::HttpRequest& r) { return router->answer(r); });
    }
  }
}

Server::~Server() {
  store_.stop();
  listeners_.close();
  for (auto& services : services_) services->connections.cancel();
}

std::expected<void, ConfigErrors> Server::start() {
  auto tls = TlsPorts::make(*config_, {});
  if (!tls) return std::unexpected(std::move(tls.error()));
  tls_ = std::move(*tls);
  if (auto ok = listeners_.prepare(*config_, tls_); !ok) return ok;
  stream::Registry::start(registries_);
  for (std::size_t i = 0; i < services_.size(); ++i) {
    shards_[i].post([this, i] { services_[i]->connections.spawn(measure(i)); });
  }
  shards_[0].post([this] {
    listeners_.commit();
    services_[0]->connections.spawn(refresh_certificates());
  });
  store_.start();
  return {};
}

// --- another config -----------------------------------------------------------------------------------------------

Task<std::expected<void, ConfigErrors>> Server::prepare(std::shared_ptr<const ServerConfig> next) {
  auto tls = co_await worker_.run([next, former = tls_] { return TlsPorts::make(*next, former); });
  if (!tls) co_return std::unexpected(std::move(tls.error()));
  auto ready = listeners_.prepare(*next, *tls);
  if (ready) {
    next_ = std::move(next);
    next_tls_ = std::move(*tls);
  }
  co_return ready;
}

Task<ReloadReport> Server::commit() {
  auto [change, report] =
      co_await worker_.run([before = config_, after = next_, plan = plan_] { return replan(*before, *after, *plan); });
  const auto before = std::exchange(config_, std::exchange(next_, nullptr));
  tls_ = std::exchange(next_tls_, {});
  log::configure(log_options(*config_));
  plan_ = change.plan;
  co_await stream::Registry::apply(registries_, std::move(change));
  auto [opened, closed] = listeners_.commit();
  report.opened = std::move(opened);
  report.closed = std::move(closed);
  if (before->api_access != config_->api_access) {
    const auto access = std::make_shared<const access::ApiAccess>(config_->api_access);
    offer_to_hash(*access);
    for (std::size_t i = 0; i < apis_.size(); ++i) {
      co_await call_on(shards_[i], [api = apis_[i].get(), access] {
        api->set_access(access);
        return true;
      });
    }
  }
  for (const auto& router : routers_) {
    co_await call_on(router->shard(), [&router, port = rtmp_port(*config_)] {
      router->renew(port);
      return true;
    });
  }
  co_return std::move(report);
}

// --- connections --------------------------------------------------------------------------------------------------

void Server::hand_over(const Listeners::Port& port, net::TcpListener::Accepted accepted) {
  const auto to = least_loaded();
  loads_[to]->connections.fetch_add(1, std::memory_order_relaxed);
  shards_[to].post([this, to, port, a = std::move(accepted)]() mutable {
    services_[to]->connections.spawn(serve(to, std::move(a), std::move(port)));
  });
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

Task<void> Server::serve(std::size_t shard, net::TcpListener::Accepted accepted, Listeners::Port port) {
  struct Leave {
    Load& load;
    ~Leave() { load.connections.fetch_sub(1, std::memory_order_relaxed); }
  } leave{*loads_[shard]};
  auto socket = net::TcpSocket::adopt(accepted.fd, std::move(accepted.peer));
  if (!socket) co_return;
  ShardServices& services = *services_[shard];
  if (port.tls != nullptr) {
    const auto deadline = Shard::current().now() + kHandshakeTimeout;
    if (!co_await services.tls.accept(*socket, std::move(port.tls), deadline)) co_return;
  }
  switch (port.protocol) {
    case Listeners::Protocol::rtmp:
      co_await rtmp::serve(std::move(*socket), services.registry, services.sessions);
      break;
    case Listeners::Protocol::http:
      co_await net::serve_http(std::move(*socket), port.config.api ? handlers_[shard] : media_handlers_[shard],
                               &services.http2);
      break;
  }
}

/// New files of certificates need no reload.
Task<void> Server::refresh_certificates() {
  for (;;) {
    co_await sleep_for(seconds(1));
    co_await worker_.run([tls = tls_] {
      tls.refresh();
      return true;
    });
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
