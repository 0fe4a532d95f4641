#include "net/http_parser.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <charconv>

namespace sluice::net {
namespace {

namespace http = boost::beast::http;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view view(boost::beast::string_view s) { return {s.data(), s.size()}; }

bool contains_token(boost::beast::string_view list, boost::beast::string_view token) {
  return http::token_list(list).exists(token);
}

bool is_forwarding(boost::beast::string_view name) {
  constexpr boost::beast::string_view kStart = "X-Forwarded-";
  return boost::beast::iequals(name.substr(0, kStart.size()), kStart);
}

/// Beast's parser without its container of fields: what a server needs is picked out as views of the input.
class HeadParser : public http::basic_parser<true> {
 public:
  HeadParser() {
    eager(false);
    header_limit(static_cast<std::uint32_t>(kMostHeadBytes));
    body_limit(boost::none);
    skip(true);
  }
  HttpHead head;
  bool bad_target = false;

 private:
  using Error = boost::beast::error_code;

  void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target, int version,
                       Error&) override {
    head.request.method = view(method);
    head.http_1_0 = version < 11;
    head.request.forwarded |= version < 11;  // as proxies ask that do not say so
    auto path = view(target);
    // An absolute URI is allowed (RFC 9112 section 3.2.2).
    if (path.starts_with("http://")) {
      const auto slash = path.find('/', 7);
      path = slash == std::string_view::npos ? std::string_view("/") : path.substr(slash);
    }
    if (const auto question = path.find('?'); question != std::string_view::npos) {
      head.request.query = path.substr(question + 1);
      path = path.substr(0, question);
    }
    auto decoded = percent_decode(path);
    bad_target = !decoded || !decoded->starts_with('/');
    if (decoded) head.request.path = std::move(*decoded);
  }
  void on_response_impl(int, boost::beast::string_view, int, Error&) override {}

  void on_field_impl(http::field field, boost::beast::string_view name, boost::beast::string_view value,
                     Error&) override {
    HttpRequest& r = head.request;
    switch (field) {
      case http::field::host: r.host = view(value); break;
      case http::field::user_agent: r.user_agent = view(value); break;
      case http::field::referer: r.referer = view(value); break;
      case http::field::origin: r.origin = view(value); break;
      case http::field::if_none_match: r.if_none_match = view(value); break;
      case http::field::range: r.range = view(value); break;
      case http::field::authorization: r.authorization = view(value); break;
      case http::field::accept: r.accept = view(value); break;
      case http::field::content_type: r.content_type = view(value); break;
      case http::field::via:
      case http::field::forwarded: r.forwarded = true; break;
      case http::field::accept_encoding: r.accepts_gzip = contains_token(value, "gzip"); break;
      case http::field::expect: head.expects_continue = boost::beast::iequals(value, "100-continue"); break;
      case http::field::upgrade: upgrades_ = contains_token(value, "websocket"); break;
      case http::field::sec_websocket_version: version_ = view(value); break;
      case http::field::sec_websocket_key: key_ = view(value); break;
      default:
        r.cross_site |=
            boost::beast::iequals(name, "Sec-Fetch-Site") && (value == "cross-site" || value == "same-site");
        r.forwarded |= is_forwarding(name) || boost::beast::iequals(name, "X-Real-IP");
    }
  }
  void on_header_impl(Error&) override {
    // RFC 6455 section 4.2.1; upgrade() is true where Connection says so.
    const bool asked = head.request.method == "GET" && upgrade() && upgrades_ && version_ == "13";
    if (asked && key_.size() == 24) head.request.websocket_key = key_;
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(boost::beast::string_view in, Error&) override { return in.size(); }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view in, Error&) override { return in.size(); }
  void on_finish_impl(Error&) override {}

  bool upgrades_ = false;
  std::string_view version_;
  std::string_view key_;
};

}  // namespace

std::optional<std::string> percent_decode(std::string_view in) {
  std::string out;
  out.reserve(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '%') {
      out += in[i];
      continue;
    }
    if (i + 2 >= in.size()) return {};
    const int high = hex(in[i + 1]);
    const int low = hex(in[i + 2]);
    if (high < 0 || low < 0) return {};
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::optional<std::string> HttpRequest::query_value(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const auto pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
  }
  return {};
}

Result<std::optional<HttpHead>> parse_http_head(BytesView in) {
  // The parser is given whole heads only, so that its views stay those of one buffer.
  const auto text = as_text(in);
  const auto end = text.substr(0, kMostHeadBytes).find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (in.size() >= kMostHeadBytes) return fail(Errc::head_too_large);
    return std::nullopt;
  }
  HeadParser parser;
  boost::beast::error_code error;
  parser.put(boost::asio::const_buffer(in.data(), end + 4), error);
  if ((error && error != http::error::need_more) || !parser.is_header_done() || parser.bad_target) {
    return fail(Errc::bad_request);
  }
  parser.head.keep_alive = parser.keep_alive();
  parser.head.content_length = parser.content_length().value_or(0);
  parser.head.chunked = parser.chunked();
  parser.head.size = end + 4;
  return std::optional(std::move(parser.head));
}

}  // namespace sluice::net
