#pragma once

#include <string_view>

#include "api/context.hpp"
#include "core/task.hpp"
#include "net/http.hpp"

namespace sluice::api {

/// The HTTP API of one shard: finds the endpoint of a request, sees to it that who asks may, and answers.
class Api {
 public:
  explicit Api(Context context) : context_(context) {}

  /// The part of a path behind the API's base, or nothing where it is not the API's: all bases mean the same.
  static std::optional<std::string_view> below_base(std::string_view path);

  /// `path` is below the base; `request` lives until the answer has been written.
  Task<net::HttpResponse> answer(const net::HttpRequest& request, std::string_view path) const;

 private:
  Context context_;
};

/// The answer to a browser that asks whether a page from elsewhere may use `methods` here.
net::HttpResponse preflight(std::string_view methods);

}  // namespace sluice::api
