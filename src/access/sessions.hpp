#pragma once

#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/session.hpp"
#include "core/result.hpp"

namespace sluice::access {

/// Who wants to play or publish what.
struct AdmitRequest {
  SessionType type = SessionType::play;
  std::string_view name;
  std::string_view proto;
  std::string_view ip;
  std::string_view token;
  std::string_view user_agent;
};

/// Who plays one media by way of one shard.
struct Audience {
  std::size_t connections = 0;            ///< each is a viewer
  std::vector<std::uint64_t> requesters;  ///< a number for each viewer by requests; the same on every shard
};
using Audiences = std::map<std::string, Audience>;  ///< by the media's name

/// The viewers of each media. Who requests from several shards is one of them.
std::map<std::string, std::size_t> count_viewers(std::span<const Audiences> by_shard);

/// The sessions of one shard. A connection that lasts (RTMP, HTTP-TS) is a session of its own; requests for playlists
/// and segments belong to the session of the same name, address, token and protocol, until none has come for a while.
/// Such a session is known to each shard that its requests come to; count_viewers() puts them together.
/// Bounded: a flood of tokens makes the oldest sessions of requests be forgotten, not memory grow.
class Sessions {
 public:
  static constexpr std::size_t kMostOfRequests = 100'000;
  static constexpr std::size_t kMostKeyBytes = std::size_t{32} << 20;  ///< names, addresses and tokens of these
  static constexpr std::chrono::seconds kExpiry{30};

  /// A connection: it is a session as long as the pointer lives.
  Result<std::shared_ptr<Session>> admit_connection(const AdmitRequest& request);

  /// One of many requests. Who admits it sets served_at when it was served.
  Result<std::shared_ptr<Session>> admit_request(const AdmitRequest& request, SteadyTime now);

  /// Forgets sessions of requests that have expired; about once a second.
  void tick(SteadyTime now);

  /// Who plays now: connections, and who was served something in the last while.
  [[nodiscard]] Audiences audiences(SteadyTime now) const;

 private:
  struct Requester {
    std::string key;
    std::shared_ptr<Session> session;
    SteadyTime last_seen{};
  };
  static std::string key_of(const AdmitRequest& request);
  void forget_oldest();

  std::vector<std::weak_ptr<Session>> connections_;
  std::list<Requester> requesters_;  // who has not asked for longest is first
  std::unordered_map<std::string_view, std::list<Requester>::iterator> by_key_;  // the keys are theirs
  std::size_t key_bytes_ = 0;
};

}  // namespace sluice::access
