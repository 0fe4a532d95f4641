#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/body.hpp"
#include "core/task.hpp"
#include "net/socket.hpp"

namespace sluice::net {

/// One request, read and checked. The views are valid until the response has been written.
struct HttpRequest {
  std::string_view method;  ///< as sent; HEAD is answered like GET without the body
  std::string path;         ///< percent-decoded once; begins with '/'
  std::string_view query;   ///< as sent, without '?'
  std::string_view host;
  std::string_view user_agent;
  std::string_view referer;
  std::string_view origin;
  std::string_view if_none_match;
  std::string_view range;
  std::string_view authorization;
  std::string_view accept;
  std::string_view content_type;
  std::string_view websocket_key;  ///< of a request to go on as a WebSocket (RFC 6455); empty: it is none
  bool accepts_gzip = false;
  bool forwarded = false;        ///< a proxy may ask for somebody else: it says so, or speaks HTTP/1.0 as proxies do
  bool cross_site = false;       ///< a browser asks for a page of another origin (Fetch Metadata: Sec-Fetch-Site)
  std::string_view peer;         ///< "127.0.0.1" or an IPv6 address
  std::string_view tls_version;  ///< "TLSv1.3"; empty: it came without TLS. Lives as long as the process
  std::string_view body;         ///< of requests that may have one, at most 1 MiB

  /// The percent-decoded value of `name` in the query, or nothing.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
};

/// Headers of one kind of answer, said once: every answer names its kind.
struct AnswerKind {
  std::string_view content_type;
  std::string_view cache_control;
};

struct HttpResponse {
  unsigned status = 200;
  AnswerKind kind{};
  std::string headers;  ///< further lines, each with its CRLF
  std::string etag;     ///< strong, with quotes; answers If-None-Match with 304. Empty: none
  Body body;
  bool gzip = false;  ///< `body` is gzip
  /// Takes the connection over after the head has been written, with neither Content-Length nor chunks: the answer
  /// lasts until the task ends, and the socket is closed then. Over HTTP/2 it takes its stream over, and where the
  /// client asked for a WebSocket it goes out in messages of that; the task sees no difference.
  using Takeover = std::move_only_function<Task<void>(TcpSocket&)>;
  Takeover takeover;
  /// Told what became of an answer that takes nothing over: its status, and the bytes of its body that were sent.
  std::move_only_function<void(unsigned status, std::uint64_t bytes)> sent;

  /// A short text answer, for errors.
  static HttpResponse text(unsigned status, std::string_view message);
};

/// Answers requests. Runs on the shard of the connection.
using HttpHandler = std::function<Task<HttpResponse>(const HttpRequest&)>;

}  // namespace sluice::net
