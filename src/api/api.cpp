#include "api/api.hpp"

#include <fmt/format.h>

#include "api/answer.hpp"
#include "api/endpoint.hpp"
#include "api/gzip.hpp"

namespace sluice::api {

std::optional<std::string_view> Api::below_base(std::string_view path) {
  for (const std::string_view base : {"/streamer/api/v3/", "/flussonic/api/v3/"}) {
    if (path.starts_with(base)) return path.substr(base.size());
  }
  return std::nullopt;
}

net::HttpResponse preflight(std::string_view methods) {
  net::HttpResponse response{.status = 204};
  // The asterisk does not stand for Authorization.
  response.headers = fmt::format(
      "Access-Control-Allow-Methods: {}\r\nAccess-Control-Allow-Headers: Authorization, *\r\n"
      "Access-Control-Max-Age: 86400\r\n",
      methods);
  return response;
}

Task<net::HttpResponse> Api::answer(const net::HttpRequest& request, std::string_view path) const {
  if (request.method == "OPTIONS") co_return preflight("GET, HEAD, PUT, POST, DELETE, OPTIONS");
  auto route = find_route(endpoints(), request.method, path);
  if (route.endpoint == nullptr && route.allow.empty()) co_return error_answer(404, "not_found");
  if (route.endpoint == nullptr) {
    auto refused = error_answer(405, "method_not_allowed");
    refused.headers = fmt::format("Allow: {}, OPTIONS\r\n", route.allow);
    co_return refused;
  }
  auto response = co_await route.endpoint->handle(
      {.api = context_, .request = request, .names = std::move(route.names), .rights = Rights::edit});
  if (request.accepts_gzip) co_await gzip(response);
  co_return response;
}

}  // namespace sluice::api
