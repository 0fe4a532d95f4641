#include "api/api.hpp"

#include <fmt/format.h>

#include "api/answer.hpp"
#include "api/endpoint.hpp"
#include "api/gzip.hpp"

namespace sluice::api {

namespace {

net::HttpResponse refusal(access::Gatekeeper::Refusal why) {
  switch (why) {
    case access::Gatekeeper::Refusal::not_allowed_from: break;
    case access::Gatekeeper::Refusal::must_wait: {
      auto response = error_answer(429, "too_many_attempts");
      response.headers = fmt::format("Retry-After: {}\r\n", access::FailedLogins::kForgottenAfter.count());
      return response;
    }
    case access::Gatekeeper::Refusal::busy: return error_answer(503, "unavailable");
  }
  return error_answer(403, "authorization_failed");
}

}  // namespace

std::optional<std::string_view> Api::endpoint_path(std::string_view path) {
  if (path.starts_with("/-/")) return path;
  if (path == "/metrics") return path.substr(1);
  for (const std::string_view base : {"/streamer/api/v3/", "/flussonic/api/v3/"}) {
    if (path.starts_with(base)) return path.substr(base.size());
  }
  constexpr std::string_view kReload = "reload";  // of the API before this one, for scripts that use it
  for (const std::string_view old_base : {"/flussonic/api/", "/erlyvideo/api/"}) {
    if (path.starts_with(old_base) && path.substr(old_base.size()) == kReload) return kReload;
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

Task<Rights> Api::rights_of(const net::HttpRequest& request) {
  const auto verdict = co_await gatekeeper_.rights_of(request);
  co_return verdict.value_or(Rights::none);
}

Task<net::HttpResponse> Api::answer(const net::HttpRequest& request, std::string_view path) {
  if (request.method == "OPTIONS") co_return preflight("GET, HEAD, PUT, POST, DELETE, OPTIONS");
  auto route = find_route(endpoints(), request.method, path);
  if (route.endpoint == nullptr && route.allow.empty()) co_return error_answer(404, "not_found");
  if (route.endpoint == nullptr) {
    auto refused = error_answer(405, "method_not_allowed");
    refused.headers = fmt::format("Allow: {}, OPTIONS\r\n", route.allow);
    co_return refused;
  }
  auto rights = Rights::none;
  if (route.endpoint->rights != Rights::none) {
    const auto verdict = co_await gatekeeper_.rights_of(request);
    if (!verdict) co_return refusal(verdict.error());
    rights = *verdict;
    if (rights < route.endpoint->rights) co_return error_answer(403, "authorization_failed");
  }
  auto response = co_await route.endpoint->handle({.api = context_,
                                                   .endpoint = *route.endpoint,
                                                   .request = request,
                                                   .names = std::move(route.names),
                                                   .rights = rights});
  if (request.accepts_gzip) co_await gzip(response);
  co_return response;
}

}  // namespace sluice::api
