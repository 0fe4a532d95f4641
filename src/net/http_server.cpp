#include "net/http_server.hpp"

#include <fmt/format.h>

#include "core/log.hpp"
#include "net/http2_server.hpp"
#include "net/http_parser.hpp"
#include "net/websocket.hpp"

namespace sluice::net {
namespace {

using std::chrono::seconds;

constexpr auto kIdleTimeout = seconds(65);     // between requests
constexpr auto kRequestTimeout = seconds(15);  // from the first byte of a request to its last

std::string_view reason(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    default: return "Unknown";
  }
}

/// Reads one request after another from a socket, holding a buffer only from a request's first byte to its last.
class RequestReader {
 public:
  explicit RequestReader(TcpSocket& socket) : socket_(socket) {}

  Task<Result<HttpHead>> next() {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
    consumed_ = 0;
    if (buffer_.empty()) {
      Bytes().swap(buffer_);
      if (auto ok = co_await socket_.readable(Shard::current().now() + kIdleTimeout); !ok) {
        co_return std::unexpected(ok.error());
      }
    }
    const auto deadline = Shard::current().now() + kRequestTimeout;
    for (;;) {
      auto head = parse_http_head(buffer_);
      if (!head) co_return std::unexpected(head.error());
      if (*head) {
        // Reading the body may move the buffer, and the head's views with it.
        if (auto body = co_await read_body(**head, deadline); !body) co_return std::unexpected(body.error());
        if ((*head)->content_length != 0) head = parse_http_head(buffer_);
        auto& request = (*head)->request;
        request.body = as_text(BytesView(buffer_).subspan((*head)->size, (*head)->content_length));
        request.peer = socket_.peer();
        request.tls_version = socket_.tls_version();
        consumed_ = (*head)->size + (*head)->content_length;
        co_return std::move(**head);
      }
      if (auto ok = co_await fill(2048, deadline); !ok) co_return std::unexpected(ok.error());
    }
  }

  /// What has been read and is no request of HTTP/1, or not yet.
  [[nodiscard]] BytesView unread() const { return BytesView(buffer_).subspan(consumed_); }
  Bytes take_unread() {
    Bytes out(unread().begin(), unread().end());
    Bytes().swap(buffer_);
    return out;
  }

 private:
  Task<Result<void>> read_body(const HttpHead& head, SteadyTime deadline) {
    if (head.chunked || head.content_length > kMostBodyBytes) co_return fail(Errc::body_too_large);
    const std::size_t whole = head.size + head.content_length;
    if (head.expects_continue && buffer_.size() < whole) {
      if (auto ok = co_await socket_.send(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"), deadline); !ok) co_return ok;
    }
    while (buffer_.size() < whole) {
      if (auto ok = co_await fill(whole - buffer_.size(), deadline); !ok) co_return ok;
    }
    co_return Result<void>();
  }

  Task<Result<void>> fill(std::size_t most, SteadyTime deadline) {
    const auto had = buffer_.size();
    buffer_.resize(had + most);
    const auto n = co_await socket_.read_some(std::span(buffer_).subspan(had), deadline);
    buffer_.resize(had + n.value_or(0));
    if (!n) co_return std::unexpected(n.error());
    co_return Result<void>();
  }

  TcpSocket& socket_;
  Bytes buffer_;
  std::size_t consumed_ = 0;
};

unsigned status_of(std::error_code error) {
  if (error == Errc::bad_request) return 400;
  if (error == Errc::head_too_large) return 431;
  if (error == Errc::body_too_large) return 413;
  if (error == Errc::deadline) return 408;
  return 0;  // nobody is there to be told
}

Task<Result<void>> write_response(TcpSocket& socket, const HttpRequest& request, HttpResponse& response,
                                  bool keep_alive) {
  spare_known(request, response);
  const auto head = response_head(response, keep_alive);
  if (request.method == "HEAD" || response.status == 304 || response.status == 204) {
    co_return co_await socket.send(as_bytes(head), Body(), Pace::Limits());
  }
  co_return co_await socket.send(as_bytes(head), response.body, Pace::Limits());
}

/// Answers that the connection is a WebSocket from here on; nothing where that could not be said.
Task<HttpResponse::Takeover> open_websocket(TcpSocket& socket, const HttpRequest& request,
                                            HttpResponse::Takeover takeover) {
  const std::string head = fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nServer: Sluice\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: {}\r\n\r\n",
      websocket_accept(request.websocket_key));
  if (!co_await socket.send(as_bytes(head), Shard::current().now() + kRequestTimeout)) co_return nullptr;
  socket.put_on(
      [](std::unique_ptr<Transport> under) { return std::make_unique<WebSocketTransport>(std::move(under)); });
  co_return takeover;
}

/// Serves until the connection ends (then nothing is returned) or an answer takes it over.
Task<HttpResponse::Takeover> serve_requests(TcpSocket& socket, const HttpHandler& handler, Http2Counters* counters) {
  RequestReader reader(socket);
  for (;;) {
    auto head = co_await reader.next();
    if (!head) {
      if (as_text(reader.unread()).starts_with(kHttp2Preface)) {
        co_return [first = reader.take_unread(), &handler, counters](TcpSocket& s) mutable {
          return serve_http2(std::move(s), handler, counters, std::move(first));
        };
      }
      if (const unsigned status = status_of(head.error()); status != 0) {
        HttpResponse response = HttpResponse::text(status, head.error().message() + "\n");
        co_await write_response(socket, HttpRequest{}, response, false);
      }
      co_return nullptr;
    }
    HttpResponse response = co_await handler(head->request);
    if (response.takeover && !head->request.websocket_key.empty()) {
      co_return co_await open_websocket(socket, head->request, std::move(response.takeover));
    }
    const bool keep_alive = head->keep_alive && !response.takeover;
    // HTTP/1.0 clients that want to keep the connection must be told so.
    if (keep_alive && head->http_1_0) response.headers += "Connection: keep-alive\r\n";
    const auto written = co_await write_response(socket, head->request, response, keep_alive);
    if (response.sent) {
      const bool has_body = written && head->request.method != "HEAD";
      response.sent(response.status, has_body ? response.body.size() : 0);
    }
    if (!written && written.error() == Errc::too_slow) {
      log::notice("HTTP viewer is cut off",
                  {{"peer", socket.peer()}, {"path", head->request.path}, {"error", written.error().message()}});
      socket.drop();
    }
    if (written && response.takeover && head->request.method != "HEAD") co_return std::move(response.takeover);
    if (!written || !keep_alive) co_return nullptr;
  }
}

}  // namespace

HttpResponse HttpResponse::text(unsigned status, std::string_view message) {
  HttpResponse response{.status = status, .kind = {.content_type = "text/plain", .cache_control = "no-cache"}};
  response.body = Body::of(Bytes(as_bytes(message).begin(), as_bytes(message).end()));
  return response;
}

void spare_known(const HttpRequest& request, HttpResponse& response) {
  if (response.etag.empty() || response.status != 200 || !request.if_none_match.contains(response.etag)) return;
  response.status = 304;
  response.body = {};
}

std::string response_fields(const HttpResponse& response) {
  std::string out;
  out.reserve(512);
  auto to = std::back_inserter(out);
  out += "Server: Sluice\r\nAccess-Control-Allow-Origin: *\r\n";
  if (!response.kind.content_type.empty()) fmt::format_to(to, "Content-Type: {}\r\n", response.kind.content_type);
  if (!response.kind.cache_control.empty()) fmt::format_to(to, "Cache-Control: {}\r\n", response.kind.cache_control);
  if (!response.etag.empty()) fmt::format_to(to, "ETag: {}\r\n", response.etag);
  if (response.gzip) out += "Content-Encoding: gzip\r\n";
  out += response.headers;
  if (!response.takeover && response.status != 304 && response.status != 204) {
    fmt::format_to(to, "Content-Length: {}\r\n", response.body.size());
  }
  return out;
}

std::string response_head(const HttpResponse& response, bool keep_alive) {
  keep_alive = keep_alive && !response.takeover;
  return fmt::format("HTTP/1.1 {} {}\r\n{}{}", response.status, reason(response.status), response_fields(response),
                     keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
}

Task<void> serve_http(TcpSocket socket, const HttpHandler& handler, Http2Counters* counters) {
  auto takeover = co_await serve_requests(socket, handler, counters);
  // What plays now may last for days: the reader and its buffer are gone.
  if (takeover) co_await takeover(socket);
}

}  // namespace sluice::net
