#pragma once

#include <map>
#include <span>
#include <string>

#include "access/sessions.hpp"
#include "api/api.hpp"
#include "app/access_line.hpp"
#include "net/http.hpp"
#include "net/http2_counters.hpp"
#include "net/tls_accept.hpp"
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
  net::TlsAcceptor tls;
  net::Http2Counters http2;
  TaskScope connections;
};

/// The URL forms that play media, in the order in which they are asked.
std::span<const protocol::HttpPlayProtocol* const> play_protocols();

/// Finds who answers an HTTP request: a page, the API, or the protocol whose URL form it has. Media are resolved and
/// viewers admitted here, for every protocol alike. One for each shard.
class Router {
 public:
  /// `own` and `api`: of this shard; they outlive this. Without an API the listener serves media only, and no pages.
  Router(ShardServices& own, api::Api* api) : own_(own), api_(api) {}

  /// The config is another: `rtmp_port` is where the landing page says that one publishes. Before the first request.
  void renew(std::uint16_t rtmp_port) { rtmp_port_ = rtmp_port; }
  [[nodiscard]] Shard& shard() const { return own_.shard; }

  Task<net::HttpResponse> answer(const net::HttpRequest& request);

 private:
  /// `line`, where there is one, is told whose request it is.
  Task<net::HttpResponse> find(const net::HttpRequest& request, AccessLine* line);
  Task<net::HttpResponse> play(const net::HttpRequest& request, AccessLine* line);

  // borrowed (outlives this)
  ShardServices& own_;
  api::Api* const api_;
  // state
  std::uint16_t rtmp_port_ = 0;
};

}  // namespace sluice::app
