#pragma once

#include <expected>
#include <memory>
#include <string>
#include <unordered_map>

#include "access/api_access.hpp"
#include "access/failed_logins.hpp"
#include "access/rights.hpp"
#include "core/task.hpp"
#include "core/worker.hpp"
#include "net/http.hpp"

namespace sluice::access {

/// Says what somebody may do with the API, on one shard. What he knows counts: a login by Basic or Bearer, both with
/// base64(login:password). Where no edit_auth is configured, whoever asks from this very machine may do everything, and
/// nobody else anything: a server out of the box is its owner's. That is not for a proxy or a web page of somebody else
/// which happens to be on this machine: such requests say whom they are for.
class Gatekeeper {
 public:
  enum class Refusal : std::uint8_t {
    not_allowed_from,  ///< his address is not in api_allowed_from
    must_wait,         ///< too many failed logins came from his address
    busy               ///< too many passwords are being checked
  };

  /// `hashes` checks passwords that are hashed; outlives this.
  Gatekeeper(std::shared_ptr<const ApiAccess> access, Worker& hashes) : access_(std::move(access)), hashes_(hashes) {}

  /// From now on this counts.
  void set(std::shared_ptr<const ApiAccess> access);

  /// `request` lives until the task has ended.
  Task<std::expected<Rights, Refusal>> rights_of(const net::HttpRequest& request);

 private:
  /// A login that came with a request.
  struct Given {
    std::string login;
    std::string password;
    bool bearer = false;  // by a program; Basic is also what a browser sends by itself
  };
  static std::optional<Given> read(std::string_view authorization);
  Task<std::expected<Rights, Refusal>> check(const Given& given);

  std::shared_ptr<const ApiAccess> access_;
  Worker& hashes_;
  FailedLogins failed_;
  unsigned checking_ = 0;  // hashes, now
  // What was right, by the digest of what was given: a hash costs its price once.
  std::unordered_map<std::string, Rights> known_;
};

/// Whether a browser asks for a page that did not come from this server.
bool is_foreign_page(const net::HttpRequest& request);
/// Whether a request comes from this machine, in the interest of somebody on it.
bool is_own(const net::HttpRequest& request);

}  // namespace sluice::access
