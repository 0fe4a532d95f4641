#pragma once

#include "core/result.hpp"

namespace sluice::net {

enum class Errc {
  closed = 1,   ///< the peer closed the connection
  deadline,     ///< the peer took longer than it may
  too_slow,     ///< the peer takes what it asked for more slowly than it may
  bad_request,  ///< not HTTP/1
  head_too_large,
  body_too_large,
  bad_address,
  bad_tls,        ///< not TLS, or not as this server speaks it
  bad_websocket,  ///< frames that RFC 6455 forbids
  bad_http2,      ///< not HTTP/2, or more of it than anybody needs
};

const char* errc_category(Errc);
std::string_view errc_text(Errc code);
inline std::error_code make_error_code(Errc code) { return to_error_code(code); }

}  // namespace sluice::net

template <>
struct std::is_error_code_enum<sluice::net::Errc> : std::true_type {};
