#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "access/gatekeeper.hpp"
#include "access/rights.hpp"
#include "api/context.hpp"
#include "core/task.hpp"
#include "net/http.hpp"

namespace sluice::api {

/// The HTTP API of one shard: finds the endpoint of a request, sees to it that who asks may, and answers.
class Api {
 public:
  /// `hashes` checks hashed passwords; outlives this.
  Api(Context context, std::shared_ptr<const access::ApiAccess> access, Worker& hashes)
      : context_(context), gatekeeper_(std::move(access), hashes) {}

  /// Who may use it from now on. On its shard.
  void set_access(std::shared_ptr<const access::ApiAccess> access) { gatekeeper_.set(std::move(access)); }

  /// What the endpoints call a path: the part behind the API's base, all bases mean the same; or the whole of one that
  /// stands beside them. Nothing where it is not the API's.
  static std::optional<std::string_view> endpoint_path(std::string_view path);

  /// What who sends `request` may do; `none` too where it is refused. `request` lives until the task has ended.
  Task<access::Rights> rights_of(const net::HttpRequest& request);

  /// `path` is from endpoint_path(); `request` lives until the answer has been written.
  Task<net::HttpResponse> answer(const net::HttpRequest& request, std::string_view path);

 private:
  Context context_;
  access::Gatekeeper gatekeeper_;
};

/// The answer to a browser that asks whether a page from elsewhere may use `methods` here.
net::HttpResponse preflight(std::string_view methods);

}  // namespace sluice::api
