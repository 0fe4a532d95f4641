#include "app/access_line.hpp"

#include <utility>

#include "core/log.hpp"

namespace sluice::app {

AccessLine::AccessLine(const net::HttpRequest& request, SteadyTime now)
    : peer_(request.peer),
      method_(request.method),
      address_(request.path),
      user_agent_(request.user_agent),
      began_(now) {
  if (!request.query.empty()) address_.append("?").append(request.query);
}

void AccessLine::write_after(net::HttpResponse& response, AccessLine line) {
  if (response.takeover) {
    response.takeover = [status = response.status, takeover = std::move(response.takeover),
                         line = std::move(line)](net::TcpSocket& socket) mutable {
      return take_over(std::move(takeover), socket, status, std::move(line));
    };
  } else {
    response.sent = [line = std::move(line)](unsigned status, std::uint64_t bytes) { line.write(status, bytes); };
  }
}

Task<void> AccessLine::take_over(net::HttpResponse::Takeover takeover, net::TcpSocket& socket, unsigned status,
                                 AccessLine line) {
  // Also where the viewer does not go but is sent away: then this task is destroyed where it waits.
  struct End {
    unsigned status;
    AccessLine& line;
    ~End() { line.write(status, line.session_ == nullptr ? 0 : line.session_->bytes); }
  } end{status, line};
  co_await takeover(socket);
}

void AccessLine::write(unsigned status, std::uint64_t bytes) const {
  // The server may be ending: then no shard runs any more.
  const auto took = SteadyTime::clock::now() - began_;
  log::request({{"peer", peer_},
                {"method", method_},
                {"path", address_},
                {"proto", session_ == nullptr ? "http" : std::string_view(session_->proto)},
                {"status", status},
                {"bytes", bytes},
                {"duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
                {"session", session_ == nullptr ? "" : std::string_view(session_->id)},
                {"user_agent", user_agent_}});
}

}  // namespace sluice::app
