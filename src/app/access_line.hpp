#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "access/session.hpp"
#include "core/time.hpp"
#include "net/http.hpp"

namespace sluice::app {

/// A line of the access log in the making: from an HTTP request to the end of its answer, however long that lasts.
class AccessLine {
 public:
  AccessLine(const net::HttpRequest& request, SteadyTime now);

  /// Whose request it is, where it plays something.
  void set_session(std::shared_ptr<const access::Session> session) { session_ = std::move(session); }

  /// Has the line written when `response` has been sent or has ended.
  static void write_after(net::HttpResponse& response, AccessLine line);

 private:
  void write(unsigned status, std::uint64_t bytes) const;
  static Task<void> take_over(net::HttpResponse::Takeover takeover, net::TcpSocket& socket, unsigned status,
                              AccessLine line);

  std::string peer_;
  std::string method_;
  std::string address_;  ///< path and query
  std::string user_agent_;
  SteadyTime began_;
  std::shared_ptr<const access::Session> session_;
};

}  // namespace sluice::app
