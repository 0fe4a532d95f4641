#pragma once

#include <optional>

#include "core/result.hpp"
#include "net/errc.hpp"
#include "net/http.hpp"

namespace sluice::net {

/// What a parsed head says beside the request itself.
struct HttpHead {
  HttpRequest request;
  bool keep_alive = true;
  bool http_1_0 = false;
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool expects_continue = false;
  std::size_t size = 0;  ///< bytes of the head, from the request line to the empty line
};

inline constexpr std::size_t kMostHeadBytes = 16 * 1024;
inline constexpr std::size_t kMostBodyBytes = 1024 * 1024;

/// Reads an HTTP/1 request head (RFC 9112) from the front of `in`. Nothing: more bytes are needed. The views in the
/// result are of `in`. Obsolete line folding, bare CR, a space before the colon and conflicting lengths are refused.
Result<std::optional<HttpHead>> parse_http_head(BytesView in);

/// Percent-decodes once. Nothing: a broken escape.
std::optional<std::string> percent_decode(std::string_view in);

}  // namespace sluice::net
