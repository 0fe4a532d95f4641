#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

#include "app/api_config.hpp"
#include "app/config_store.hpp"
#include "app/listeners.hpp"
#include "app/router.hpp"
#include "app/server_config.hpp"
#include "app/tls_ports.hpp"
#include "core/shard.hpp"
#include "core/worker.hpp"

namespace sluice::app {

/// The running server: a registry, sessions and routers on every shard, and the listeners, whose connections are handed
/// to the shard with the least to do. It runs what its ConfigStore says.
class Server final : private ConfigUser {
 public:
  /// `shards` outlive this and are not running yet. `file`: what `config` was read from. `numbers`: the file in which
  /// numbers survive a restart.
  Server(const std::filesystem::path& file, std::shared_ptr<const ServerConfig> config, Shards& shards,
         const std::filesystem::path& numbers);
  ~Server() override;

  /// Opens the ports; says which could not be opened. Then Shards::run() serves.
  std::expected<void, ConfigErrors> start();

  [[nodiscard]] ConfigStore& config() { return store_; }

 private:
  /// What the acceptors know of a shard. Written by the shard, read on shard 0.
  struct Load {
    std::atomic<std::int64_t> connections = 0;
    std::atomic<std::uint64_t> bytes_per_second = 0;
  };

  // ConfigUser
  Task<std::expected<void, ConfigErrors>> prepare(std::shared_ptr<const ServerConfig> next) override;
  void abandon() override { listeners_.abandon(); }
  Task<ReloadReport> commit() override;

  void hand_over(const Listeners::Port& port, net::TcpListener::Accepted accepted);
  Task<void> serve(std::size_t shard, net::TcpListener::Accepted accepted, Listeners::Port port);
  Task<void> measure(std::size_t shard);
  Task<void> refresh_certificates();
  [[nodiscard]] std::size_t least_loaded() const;

  // borrowed (outlives this)
  Shards& shards_;
  // owned
  std::shared_ptr<const ServerConfig> config_;  // in force
  std::shared_ptr<const ServerConfig> next_;    // between prepare() and commit()
  TlsPorts tls_;                                // of config_
  TlsPorts next_tls_;
  std::shared_ptr<const stream::StreamPlan> plan_;
  std::vector<std::unique_ptr<ShardServices>> services_;
  std::vector<stream::Registry*> registries_;
  std::vector<api::ShardContext> contexts_;  // of the same shards, as the API sees them
  Worker password_hashes_;
  std::vector<std::unique_ptr<api::Api>> apis_;
  std::vector<net::HttpHandler> handlers_;        // by shard, of listeners with API and pages
  std::vector<net::HttpHandler> media_handlers_;  // by shard, of listeners with media only
  std::vector<std::unique_ptr<Router>> routers_;
  std::vector<std::unique_ptr<Load>> loads_;
  Listeners listeners_;
  Worker worker_;
  ConfigStore store_;
  ApiConfig api_config_{store_};
};

}  // namespace sluice::app
