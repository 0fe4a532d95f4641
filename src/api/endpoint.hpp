#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.hpp"
#include "api/field.hpp"
#include "core/task.hpp"
#include "net/http.hpp"

namespace sluice::api {

struct Endpoint;

/// A request to the API by somebody who may make it. Lives until it has been answered.
struct Call {
  const Context& api;
  const Endpoint& endpoint;
  const net::HttpRequest& request;
  std::vector<std::string> names;  ///< what the `{...}` of the endpoint's path stand for, in their order
  Rights rights = Rights::none;    ///< of who asks; at least those that the endpoint wants
};

/// One parameter of an endpoint's query.
struct Parameter {
  std::string_view name;
  FieldType type = FieldType::string;
  std::string_view doc;  ///< one sentence
};

/// A list that an endpoint answers with, and what one may ask of it.
struct Listed {
  std::string_view plural;                           ///< the key of the list in the answer
  std::span<const FieldInfo> (*fields)() = nullptr;  ///< of an item
  std::string_view key = "name";                     ///< the field that tells any two items apart
  std::span<const std::string_view> sort = {};       ///< where the request does not say: the names of fields
  std::size_t limit = 0;                             ///< items on a page where the request does not say; 0: kMostItems
};

/// One method of one path of the API: dispatch, rights and the OpenAPI document come from here.
struct Endpoint {
  std::string_view method;
  /// Below the base path, in segments. `{...}` stands for one segment, the first of them also for several: a stream's
  /// name may hold slashes. "streams/{name}/stop". With a '/' in front it stands beside the bases.
  std::string_view path;
  Rights rights = Rights::edit;
  std::string_view doc;  ///< one sentence
  Task<net::HttpResponse> (*handle)(Call call) = nullptr;
  std::span<const Parameter> parameters = {};
  std::optional<Listed> listed = {};
  std::string_view takes = {};    ///< what the JSON of the body is: a component of the OpenAPI document
  std::string_view answers = {};  ///< what an answer with 200 is, where it is no list; empty: 204 without a body
};

/// All endpoints.
std::span<const Endpoint> endpoints();

/// What the `{...}` in `pattern` stand for where `path` has its form.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path);

/// Who answers a request. Of several patterns that the path has, the one that says most of it counts.
struct Route {
  const Endpoint* endpoint = nullptr;  ///< null: none of that method
  std::vector<std::string> names;
  std::string allow;  ///< the methods that the path has, with commas; empty: there is no such path
};
Route find_route(std::span<const Endpoint> among, std::string_view method, std::string_view path);

}  // namespace sluice::api
