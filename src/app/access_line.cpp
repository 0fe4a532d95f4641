#include "app/access_line.hpp"

#include <utility>

#include "core/log.hpp"

namespace sluice::app {

AccessLine::AccessLine(const net::HttpRequest& request, SteadyTime now)
    : peer_(request.peer),
      method_(request.method),
      address_(request.path),
      user_agent_(request.user_agent),
      tls_version_(request.tls_version),
      began_(now) {
  if (!request.query.empty()) address_.append("?").append(request.query);
}

void AccessLine::write_after(net::HttpResponse& response, std::unique_ptr<AccessLine> line) {
  line->status_ = response.status;
  if (response.takeover) {
    line->lasts_ = true;
    response.takeover = [takeover = std::move(response.takeover),
                         line = std::move(line)](net::TcpSocket& socket) mutable {
      return take_over(std::move(takeover), socket, std::move(line));
    };
  } else {
    response.sent = [line = std::move(line)](unsigned status, std::uint64_t bytes) {
      line->status_ = status;
      line->bytes_ = bytes;
    };
  }
}

/// Owns the line as long as the answer lasts: also where this is destroyed while it waits.
Task<void> AccessLine::take_over(net::HttpResponse::Takeover takeover, net::TcpSocket& socket,
                                 std::unique_ptr<AccessLine>) {
  co_await takeover(socket);
}

AccessLine::~AccessLine() {
  // The server may be ending: then no shard runs any more.
  const auto took = SteadyTime::clock::now() - began_;
  log::request({{"peer", peer_},
                {"method", method_},
                {"path", address_},
                {"proto", session_ == nullptr ? "http" : std::string_view(session_->info().proto)},
                {"tls", tls_version_},
                {"status", status_},
                {"bytes", lasts_ && session_ != nullptr ? session_->bytes : bytes_},
                {"duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
                {"session", session_ == nullptr ? "" : std::string_view(session_->info().id)},
                {"user_agent", user_agent_}});
}

}  // namespace sluice::app
