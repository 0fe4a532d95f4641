#include "access/gatekeeper.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "access/password.hpp"
#include "core/base64.hpp"
#include "core/shard.hpp"

namespace sluice::access {
namespace {

constexpr std::size_t kMostKnown = 64;
constexpr unsigned kMostChecks = 4;  // of hashes, at a time
constexpr std::size_t kMostAuthorization = 1024;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// One of those who are counted, while it lives.
class Count {
 public:
  explicit Count(unsigned& count) : count_(count) { ++count_; }
  Count(const Count&) = delete;
  Count& operator=(const Count&) = delete;
  ~Count() { --count_; }

 private:
  unsigned& count_;
};

/// The name of a host without its port.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

/// Names that mean this machine to itself. A page from elsewhere that has its own name point here has another.
bool is_own_name(std::string_view host) {
  const auto name = without_port(host);
  if (equal_ignoring_case(name, "localhost") || name == "[::1]") return true;
  const auto address = parse_address(name);
  return address && is_loopback(*address);
}

std::string digest(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> out{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

}  // namespace

bool is_foreign_page(const net::HttpRequest& request) {
  if (request.cross_site) return true;
  if (request.origin.empty()) return false;
  const auto at = request.origin.find("://");
  return at == std::string_view::npos || request.origin.substr(at + 3) != request.host;
}

bool is_own(const net::HttpRequest& request) {
  const auto peer = parse_address(request.peer);
  return peer && is_loopback(*peer) && !request.forwarded && is_own_name(request.host) && !is_foreign_page(request);
}

void Gatekeeper::set(std::shared_ptr<const ApiAccess> access) {
  access_ = std::move(access);
  known_.clear();
}

std::optional<Gatekeeper::Given> Gatekeeper::read(std::string_view authorization) {
  if (authorization.size() > kMostAuthorization) return std::nullopt;
  const auto blank = authorization.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto scheme = authorization.substr(0, blank);
  const bool bearer = equal_ignoring_case(scheme, "Bearer");
  if (!bearer && !equal_ignoring_case(scheme, "Basic")) return std::nullopt;
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' ', blank), authorization.size()));
  const auto text = base64_decode(authorization);
  const auto colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return Given{.login = text->substr(0, colon), .password = text->substr(colon + 1), .bearer = bearer};
}

Task<std::expected<Rights, Gatekeeper::Refusal>> Gatekeeper::rights_of(const net::HttpRequest& request) {
  const auto access = access_;
  const auto peer = parse_address(request.peer).value_or(Address{});
  const auto& allowed = access->api_allowed_from;
  if (!allowed.empty() && std::ranges::none_of(allowed, [&](const Network& one) { return one.contains(peer); })) {
    co_return std::unexpected(Refusal::not_allowed_from);
  }
  if (!access->edit_auth && is_own(request)) co_return Rights::edit;
  if (request.authorization.empty()) co_return Rights::none;
  if (failed_.must_wait(peer, Shard::current().now())) co_return std::unexpected(Refusal::must_wait);
  const auto given = read(request.authorization);
  const auto rights = given ? co_await check(*given) : Rights::none;
  if (rights == Rights::none) failed_.add(peer, Shard::current().now());
  // Not for one who may only read: he could try passwords for more between his own.
  if (rights == Rights::edit) failed_.forget(peer);
  if (rights == Rights::edit && !given->bearer && is_foreign_page(request)) co_return Rights::view;
  co_return rights;
}

Task<std::expected<Rights, Gatekeeper::Refusal>> Gatekeeper::check(const Given& given) {
  const auto access = access_;
  const auto key = digest(given.login + '\0' + given.password);
  if (const auto known = known_.find(key); known != known_.end()) co_return known->second;
  for (const auto& [login, rights] :
       {std::pair(&access->edit_auth, Rights::edit), {&access->view_auth, Rights::view}}) {
    if (!*login || (*login)->login != given.login) continue;
    const std::string& stored = (*login)->password;
    bool right = false;
    if (is_hashed(stored)) {
      if (checking_ == kMostChecks) co_return std::unexpected(Refusal::busy);
      const Count one(checking_);
      right = co_await hashes_.run([password = given.password, stored] { return is_password(password, stored); });
    } else {
      right = is_password(given.password, stored);
    }
    if (!right) continue;
    if (known_.size() >= kMostKnown) known_.clear();
    if (access == access_) known_.emplace(key, rights);
    co_return rights;
  }
  co_return Rights::none;
}

}  // namespace sluice::access
