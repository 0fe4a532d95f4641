#include "api/config_api.hpp"

#include <array>
#include <string>
#include <utility>

#include "api/answer.hpp"
#include "api/config_access.hpp"
#include "api/config_answer.hpp"
#include "api/metrics.hpp"

namespace sluice::api {
namespace {

namespace json = boost::json;

constexpr std::string_view kTextPlain = "text/plain";
constexpr std::array<std::string_view, 2> kCollections{"streams", "templates"};

constexpr std::array kFull{
    Parameter{.name = "full", .type = FieldType::boolean, .doc = "With all objects: streams, templates."}};

/// Libraries that take any answer name both: they mean JSON.
bool wants_text(const Call& call) {
  return call.request.accept.contains(kTextPlain) && !call.request.accept.contains("application/json");
}

bool is_text(const Call& call) { return call.request.content_type.starts_with(kTextPlain); }

net::HttpResponse text_answer(std::string_view text) {
  net::HttpResponse response{.kind = {.content_type = "text/plain; charset=utf-8", .cache_control = "no-store"}};
  response.body = Body::of(Bytes(as_bytes(text).begin(), as_bytes(text).end()));
  return response;
}

json::object config_json(const Call& call) {
  auto out = call.api.config->json();
  if (call.request.query_value("full") == "true") return out;
  for (const auto name : kCollections) out.erase(name);
  return out;
}

Task<net::HttpResponse> get_config(Call call) {
  if (wants_open_metrics(call.request)) co_return co_await server_metrics(call.api);
  if (!wants_text(call)) co_return config_answer(call, config_json(call));
  // The file has passwords in it.
  if (call.rights != Rights::edit) co_return error_answer(403, "authorization_failed");
  const auto text = co_await call.api.config->text();
  co_return text ? text_answer(*text) : text_refusal(text.error());
}

Task<net::HttpResponse> put_config(Call call) {
  if (is_text(call)) {
    const auto done = co_await call.api.config->replace_text(std::string(call.request.body));
    co_return done ? config_answer(call, config_json(call)) : text_refusal(done.error());
  }
  auto patch = json_body(call.request);
  if (!patch) co_return std::move(patch.error());
  const auto done = co_await call.api.config->merge(*std::move(patch));
  co_return done ? config_answer(call, config_json(call)) : refusal(done.error());
}

Task<net::HttpResponse> check_config(Call call) {
  if (is_text(call)) {
    auto found = call.api.config->check(call.request.body);
    co_return found.errors.empty() ? json_answer(found.config) : text_refusal(found.errors, std::move(found.config));
  }
  auto patch = json_body(call.request);
  if (!patch) co_return std::move(patch.error());
  auto found = call.api.config->check(*patch);
  co_return found.errors.empty() ? json_answer(found.config) : text_refusal(found.errors, std::move(found.config));
}

Task<net::HttpResponse> reload(Call call) {
  const auto done = co_await call.api.config->reload();
  co_return done ? json_answer(true) : text_refusal(done.error());
}

}  // namespace

std::span<const Endpoint> config_endpoints() {
  static const std::array all{
      Endpoint{.method = "GET",
               .path = "config",
               .rights = Rights::view,
               .doc = "The config; with `Accept: text/plain` the text of its file.",
               .handle = get_config,
               .parameters = kFull,
               .answers = "server_config"},
      Endpoint{.method = "PUT",
               .path = "config",
               .doc = "Merges JSON into the config, or makes a text the whole file; both are saved.",
               .handle = put_config,
               .parameters = kFull,
               .takes = "server_config",
               .answers = "server_config"},
      Endpoint{.method = "POST",
               .path = "config",
               .doc = "Says what the config would be after a PUT, or what is wrong with it; changes nothing.",
               .handle = check_config,
               .takes = "server_config",
               .answers = "server_config"},
      Endpoint{.method = "GET",
               .path = "reload",
               .doc = "Reads the config file again and puts in force what differs.",
               .handle = reload,
               .answers = "done"},
  };
  return all;
}

}  // namespace sluice::api
