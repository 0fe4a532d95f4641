#include "api/monitoring.hpp"

#include <array>
#include <boost/json/object.hpp>

#include "api/answer.hpp"

namespace sluice::api {
namespace {

boost::json::object signs_of_life(const Context& api) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return {{"now", now.time_since_epoch().count()}, {"build", 0}, {"server_version", boost::json::string(api.version)}};
}

Task<net::HttpResponse> liveness(Call call) { co_return json_answer(signs_of_life(call.api)); }

Task<net::HttpResponse> readiness(Call call) {
  auto out = signs_of_life(call.api);
  out["started_at"] = std::chrono::floor<std::chrono::seconds>(call.api.started_at).time_since_epoch().count();
  co_return json_answer(out);
}

}  // namespace

std::span<const Endpoint> monitoring_endpoints() {
  static const std::array all{
      Endpoint{.method = "GET",
               .path = "monitoring/liveness",
               .rights = Rights::none,
               .doc = "Answers while the server lives.",
               .handle = liveness},
      Endpoint{.method = "GET",
               .path = "monitoring/readiness",
               .rights = Rights::none,
               .doc = "Answers once the server serves.",
               .handle = readiness},
  };
  return all;
}

}  // namespace sluice::api
