#pragma once

#include "net/http.hpp"
#include "net/http2_counters.hpp"
#include "net/socket.hpp"

namespace sluice::net {

/// Serves HTTP on one connection until either side closes it: version 2 where the client begins with it, else 1.1:
/// reads requests one after the other, has `handler` answer them, and gives the read buffer back while it waits.
/// `handler` and `counters` outlive the task.
Task<void> serve_http(TcpSocket socket, const HttpHandler& handler, Http2Counters* counters = nullptr);

/// The head of `response` as it goes on the wire; `keep_alive` false announces that the connection ends with it.
std::string response_head(const HttpResponse& response, bool keep_alive);

/// The fields of `response` that do not speak of the connection, each with its CRLF.
std::string response_fields(const HttpResponse& response);

/// Answers with 304 where `request` has what it would get.
void spare_known(const HttpRequest& request, HttpResponse& response);

}  // namespace sluice::net
