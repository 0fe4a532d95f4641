#pragma once

#include "net/http.hpp"
#include "net/socket.hpp"

namespace sluice::net {

/// Serves HTTP/1.1 on one connection until either side closes it: reads requests one after the other, has `handler`
/// answer them, and gives the read buffer back while it waits. `handler` outlives the task.
Task<void> serve_http(TcpSocket socket, const HttpHandler& handler);

/// The head of `response` as it goes on the wire; `keep_alive` false announces that the connection ends with it.
std::string response_head(const HttpResponse& response, bool keep_alive);

}  // namespace sluice::net
