#include "net/errc.hpp"

namespace sluice::net {

const char* errc_category(Errc) { return "net"; }

std::string_view errc_text(Errc code) {
  switch (code) {
    case Errc::closed: return "the peer closed the connection";
    case Errc::deadline: return "the peer took too long";
    case Errc::too_slow: return "the peer takes it too slowly";
    case Errc::bad_request: return "not a valid HTTP/1 request";
    case Errc::head_too_large: return "the request's head is larger than 16 KiB";
    case Errc::body_too_large: return "the request's body is larger than 1 MiB";
    case Errc::bad_address: return "not an address and port";
    case Errc::bad_tls: return "the peer does not speak TLS as it is spoken here";
    case Errc::bad_websocket: return "the peer breaks the WebSocket protocol";
    case Errc::bad_http2: return "the peer breaks the HTTP/2 protocol";
  }
  return "unknown error";
}

}  // namespace sluice::net
