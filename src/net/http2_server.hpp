#pragma once

#include "core/bytes.hpp"
#include "core/task.hpp"
#include "net/http.hpp"
#include "net/http2_counters.hpp"
#include "net/socket.hpp"

namespace sluice::net {

/// What every HTTP/2 connection begins with as far as HTTP/1 would read it as a head (RFC 9113 section 3.4).
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\n";

/// Serves HTTP/2 (RFC 9113) on one connection until either side closes it: up to 100 requests at a time, each answered
/// by `handler` in a task of its own, as over HTTP/1. A request that waits costs nothing; an answer leaves from where
/// it lies; one that takes the connection over gets a socket that is its stream. `first`: what has been read of the
/// connection already. `handler` and `counters` (null: nobody wants them) outlive the task.
Task<void> serve_http2(TcpSocket socket, const HttpHandler& handler, Http2Counters* counters, Bytes first);

}  // namespace sluice::net
