#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/session.hpp"
#include "core/result.hpp"

namespace sluice::access {

/// Who wants to play or publish what.
struct AdmitRequest {
  std::string_view name;
  std::string_view proto;
  std::string_view ip;
  std::string_view token;
  std::string_view user_agent;
  bool publishes = false;
};

/// The sessions of one shard. A connection that lasts (RTMP, HTTP-TS) is a session of its own; requests for playlists
/// and segments belong to the session of the same name, address, token and protocol, until none has come for a while.
/// Bounded: a flood of tokens makes the oldest sessions of requests be forgotten, not memory grow.
class Sessions {
 public:
  static constexpr std::size_t kMostOfRequests = 100'000;
  static constexpr std::chrono::seconds kExpiry{30};

  /// A connection: it is a session as long as the pointer lives.
  Result<std::shared_ptr<Session>> admit_connection(const AdmitRequest& request, SteadyTime now);

  /// One of many requests.
  Result<std::shared_ptr<Session>> admit_request(const AdmitRequest& request, SteadyTime now);

  /// Forgets sessions of requests that have expired; about once a second.
  void tick(SteadyTime now);

  /// A copy of every open session, oldest first.
  [[nodiscard]] std::vector<Session> list() const;

  /// How many open sessions play `name`.
  [[nodiscard]] std::size_t count(std::string_view name) const;

 private:
  static std::string key_of(const AdmitRequest& request);

  std::vector<std::weak_ptr<Session>> connections_;
  std::unordered_map<std::string, std::shared_ptr<Session>> requests_;
  std::unordered_map<std::string, std::size_t> counts_;  // of requests_, by name
  void forget(std::unordered_map<std::string, std::shared_ptr<Session>>::iterator it);
};

}  // namespace sluice::access
