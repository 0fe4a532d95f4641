#include "api/answer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace sluice::api {
namespace {

constexpr net::AnswerKind kJson{.content_type = "application/json", .cache_control = "no-store"};

}  // namespace

net::HttpResponse json_text_answer(std::string_view text) {
  net::HttpResponse response{.kind = kJson};
  response.body = Body::of(Bytes(as_bytes(text).begin(), as_bytes(text).end()));
  return response;
}

net::HttpResponse json_answer(const boost::json::value& value) {
  return json_text_answer(boost::json::serialize(value));
}

net::HttpResponse error_answer(unsigned status, std::string_view error, std::string_view name) {
  boost::json::object body{{"error", boost::json::string(error)}};
  if (!name.empty()) body["name"] = boost::json::string(name);
  net::HttpResponse response = json_text_answer(boost::json::serialize(body) + "\n");
  response.status = status;
  return response;
}

net::HttpResponse done_answer() { return {.status = 204}; }

}  // namespace sluice::api
