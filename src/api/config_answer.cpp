#include "api/config_answer.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <string>
#include <utility>

#include "api/answer.hpp"
#include "api/redact.hpp"
#include "config/json_pointer.hpp"

namespace sluice::api {
namespace {

namespace json = boost::json;
using config::Diagnostic;
using config::Fault;

json::string text_json(std::string_view text) { return json::string(text.data(), text.size()); }

std::string title_of(const Diagnostic& error) {
  return error.expected.empty() ? error.message : error.message + ", expected " + error.expected;
}

/// One error as the `errors` of an answer have it.
json::object error_json(const Diagnostic& error) {
  json::object out{{"status", "400"}, {"code", text_json(to_string(error.fault))}, {"title", title_of(error)}};
  if (!error.pointer.empty()) out["source"] = json::object{{"pointer", error.pointer}};
  if (error.at.line != 0) {
    out["meta"] = {
        {"file", error.file}, {"line", std::to_string(error.at.line)}, {"col", std::to_string(error.at.column)}};
  }
  return out;
}

json::array errors_json(const ConfigErrors& errors) {
  json::array out;
  for (const Diagnostic& error : errors) out.push_back(error_json(error));
  return out;
}

net::HttpResponse bad_request(json::object body) {
  auto response = json_answer(std::move(body));
  response.status = 400;
  return response;
}

bool not_saved(const Diagnostic& error) { return error.fault == Fault::not_saved; }

/// 503: nothing is wrong with what was sent.
net::HttpResponse unavailable(const ConfigErrors& errors) {
  auto response = json_answer(json::object{{"error", "unavailable"}, {"detail", title_of(errors.front())}});
  response.status = 503;
  return response;
}

}  // namespace

net::HttpResponse config_answer(const Call& call, json::value value) {
  if (call.rights != Rights::edit) redact({}, value);
  return json_answer(value);
}

std::expected<json::object, net::HttpResponse> json_body(const net::HttpRequest& request) {
  const auto refuse = [](std::string_view code, const std::string& title) {
    const json::object error{{"status", "400"}, {"code", text_json(code)}, {"title", title}};
    return std::unexpected(bad_request({{"error", "bad_request"}, {"errors", json::array{error}}}));
  };
  boost::system::error_code error;
  auto body = json::parse(request.body, error);
  if (error) return refuse("malformed_json", "the body is not JSON: " + error.message());
  if (!body.is_object()) return refuse("bad_value", "the body is not an object");
  return std::move(body.get_object());
}

net::HttpResponse refusal(const ConfigErrors& errors) {
  if (std::ranges::any_of(errors, not_saved)) return unavailable(errors);
  return bad_request({{"error", "bad_request"}, {"errors", errors_json(errors)}});
}

net::HttpResponse text_refusal(const ConfigErrors& errors, json::object config) {
  if (std::ranges::any_of(errors, not_saved)) return unavailable(errors);
  const Diagnostic& first = errors.front();
  json::object out{{"error", text_json(to_string(first.fault))}, {"detail", title_of(first)}};
  if (first.at.line != 0) {
    out["line"] = out["first_error_line"] = first.at.line;
    out["col"] = out["first_error_col"] = first.at.column;
  }
  out["path"] = config::steps_of(first.pointer);
  out["config"] = std::move(config);
  out["errors"] = errors_json(errors);
  return bad_request(std::move(out));
}

}  // namespace sluice::api
