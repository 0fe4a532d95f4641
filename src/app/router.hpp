#pragma once

#include <map>
#include <span>
#include <string>

#include "access/sessions.hpp"
#include "net/http.hpp"
#include "protocol/http_play.hpp"
#include "stream/registry.hpp"

namespace sluice::app {

/// What one shard has to answer with. The rooms know each other here and nowhere else.
struct ShardServices {
  explicit ShardServices(Shard& on, std::shared_ptr<const stream::StreamPlan> plan)
      : shard(on), registry(on, std::move(plan)) {}

  Shard& shard;
  stream::Registry registry;
  access::Sessions sessions;
  TaskScope connections;
};

/// The URL forms that play media, in the order in which they are asked.
std::span<const protocol::HttpPlayProtocol* const> play_protocols();

/// Finds who answers an HTTP request: a page, the API, or the protocol whose URL form it has. Media are resolved and
/// viewers admitted here, for every protocol alike. One for each shard.
class Router {
 public:
  struct Options {
    bool api = true;              ///< this listener serves API and pages beside the media
    std::uint16_t rtmp_port = 0;  ///< for the page that says how to publish
    UtcTime started_at{};
  };

  /// `all`: of every shard, this one's at `own`. They outlive this.
  Router(std::span<const std::unique_ptr<ShardServices>> all, std::size_t own, Options options);

  Task<net::HttpResponse> answer(const net::HttpRequest& request);

 private:
  Task<net::HttpResponse> answer_api(std::string_view path);
  Task<net::HttpResponse> streams();
  net::HttpResponse monitoring(bool readiness) const;
  std::optional<net::HttpResponse> page(const net::HttpRequest& request) const;
  Task<net::HttpResponse> play(const net::HttpRequest& request);

  // borrowed (outlives this)
  std::span<const std::unique_ptr<ShardServices>> all_;
  ShardServices& own_;
  // state
  const Options options_;
  const std::string index_;  // the landing page with the server's values in it
};

}  // namespace sluice::app
