#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

#include "app/router.hpp"
#include "app/server_config.hpp"
#include "core/shard.hpp"

namespace sluice::app {

/// The running server: a registry, sessions and routers on every shard, and the acceptors, which hand each connection
/// to the shard with the least to do.
class Server {
 public:
  /// `shards` outlive this and are not running yet. `numbers`: the file in which numbers survive a restart.
  Server(ServerConfig config, Shards& shards, const std::filesystem::path& numbers);
  ~Server();

  /// Opens the ports; says which could not be opened. Then Shards::run() serves.
  Result<void> start();

 private:
  /// What the acceptors know of a shard. Written by the shard, read on shard 0.
  struct Load {
    std::atomic<std::int64_t> connections = 0;
    std::atomic<std::uint64_t> bytes_per_second = 0;
  };
  enum class Kind { http, http_media_only, rtmp };

  Task<void> accept(net::TcpListener listener, Kind kind);
  Task<void> serve(std::size_t shard, net::TcpListener::Accepted accepted, Kind kind);
  Task<void> measure(std::size_t shard);
  [[nodiscard]] std::size_t least_loaded() const;

  // borrowed (outlives this)
  Shards& shards_;
  // owned
  const ServerConfig config_;
  std::vector<std::unique_ptr<ShardServices>> services_;
  std::vector<api::ShardContext> contexts_;  // of the same shards, as the API sees them
  std::vector<std::unique_ptr<api::Api>> apis_;
  std::vector<net::HttpHandler> handlers_;        // by shard, of listeners with API and pages
  std::vector<net::HttpHandler> media_handlers_;  // by shard, of listeners with media only
  std::vector<std::unique_ptr<Router>> routers_;
  std::vector<std::unique_ptr<Load>> loads_;
  TaskScope acceptors_;
};

}  // namespace sluice::app
