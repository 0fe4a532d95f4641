#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "access/session.hpp"
#include "core/time.hpp"
#include "net/http.hpp"

namespace sluice::app {

/// A line of the access log in the making: from an HTTP request to the end of its answer, however long that lasts and
/// however it ends. It is written when this is destroyed.
class AccessLine {
 public:
  AccessLine(const net::HttpRequest& request, SteadyTime now);
  AccessLine(const AccessLine&) = delete;
  AccessLine& operator=(const AccessLine&) = delete;
  ~AccessLine();

  /// Whose request it is, where it plays something.
  void set_session(std::shared_ptr<const access::Session> session) { session_ = std::move(session); }

  /// Has the line written when `response` has been sent or has ended, or is let go unsent.
  static void write_after(net::HttpResponse& response, std::unique_ptr<AccessLine> line);

 private:
  static Task<void> take_over(net::HttpResponse::Takeover takeover, net::TcpSocket& socket,
                              std::unique_ptr<AccessLine>);

  std::string peer_;
  std::string method_;
  std::string address_;  ///< path and query
  std::string user_agent_;
  std::string_view tls_version_;
  SteadyTime began_;
  std::shared_ptr<const access::Session> session_;
  unsigned status_ = 0;  ///< 0: it ended before there was an answer
  std::uint64_t bytes_ = 0;
  bool lasts_ = false;  ///< the bytes are those of the session
};

}  // namespace sluice::app
