#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/errc.hpp"
#include "access/session.hpp"
#include "core/result.hpp"
#include "core/task.hpp"

namespace sluice::access {

/// Who wants to play or publish what.
struct AdmitRequest {
  SessionType type = SessionType::play;
  std::string_view name;
  std::string_view proto;
  std::string_view ip;
  std::string_view token;
  std::string_view user_agent;
  std::string_view referer;
  std::string_view query_string;
};

/// The sessions of one shard. A connection that lasts (RTMP, HTTP-TS) is a session of its own; requests for playlists
/// and segments belong to the session of the same name, address, token and protocol, until none has come for a while.
/// Such a session is known, under one id, to each shard that its requests come to; SessionList puts them together.
/// Bounded: a flood of tokens makes the oldest sessions of requests be forgotten, not memory grow.
class Sessions {
 public:
  static constexpr std::size_t kMostOfRequests = 100'000;
  static constexpr std::size_t kMostKeyBytes = std::size_t{32} << 20;  ///< names, addresses and tokens of these
  static constexpr std::size_t kMostClosed = 10'000;
  static constexpr std::chrono::seconds kExpiry{30};
  static constexpr std::chrono::seconds kStaysClosed{30};  ///< nobody is admitted to a closed session for so long

  Sessions() = default;
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;
  ~Sessions();

  /// A connection: it is a session as long as the pointer lives.
  Result<std::shared_ptr<Session>> admit_connection(const AdmitRequest& request);

  /// One of many requests. Who admits it sets served_at when it was served.
  Result<std::shared_ptr<Session>> admit_request(const AdmitRequest& request, SteadyTime now);

  /// Forgets sessions of requests that have expired; about once a second.
  void tick(SteadyTime now);

  /// Publishers, and who plays now: connections, and who was served something in the last while. In slices.
  Task<std::vector<SessionStatus>> list();
  /// The same of one slot, of size() slots; nothing where there is none. A session keeps its slot.
  [[nodiscard]] std::optional<SessionStatus> at(std::size_t slot, SteadyTime now) const;
  [[nodiscard]] std::size_t size() const { return slots_.size(); }

  /// Ends the session of that id if it is here: shuts its connection down, or refuses its further requests for a while.
  bool close(std::string_view id, SteadyTime now);
  /// Refuses requests of the session of that id for a while, be it known here or not.
  void refuse(std::string_view id, SteadyTime now);

 private:
  friend class Session;
  struct Requester {
    std::string key;
    std::shared_ptr<Session> session;
    SteadyTime last_seen{};
  };
  struct Closed {
    std::string id;
    SteadyTime until{};
  };
  std::shared_ptr<Session> open(const AdmitRequest& request, bool lasts, std::string id);
  [[nodiscard]] bool is_closed(std::string_view id, SteadyTime now) const;
  void give_up_slot(Session& session);
  void forget(std::list<Requester>::iterator requester);

  std::vector<Session*> slots_;      // null: free
  std::vector<std::uint32_t> free_;  // of slots_
  std::list<Requester> requesters_;  // who has not asked for longest is first
  std::unordered_map<std::string_view, std::list<Requester>::iterator> by_key_;  // the keys are theirs
  std::size_t key_bytes_ = 0;
  std::list<Closed> closed_;  // the oldest first
  std::unordered_map<std::string_view, std::list<Closed>::iterator> by_closed_id_;
};

/// The sessions of all shards as one list: who requests from several shards is one session.
class SessionList {
 public:
  void add(SessionStatus session);
  std::vector<SessionStatus> take() { return std::move(all_); }

 private:
  std::vector<SessionStatus> all_;
  std::unordered_map<std::string_view, std::size_t> by_id_;  // of those with many requests; the ids are theirs
};

}  // namespace sluice::access
