#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "net/socket.hpp"

namespace sluice::access {

class Sessions;

enum class SessionType : std::uint8_t {
  play,     ///< a viewer
  publish,  ///< who feeds a stream
  api       ///< asks about a media, and plays nothing of it
};
std::string_view to_string(SessionType type);

/// Whose session it is; never changes.
struct SessionInfo {
  std::string id;  ///< UUID. The same on every shard for one who comes with many requests
  SessionType type = SessionType::play;
  bool lasts = false;  ///< one connection; else many requests
  std::string name;    ///< of the media
  std::string proto;   ///< "hls", "tshttp", "rtmp"
  std::string ip;
  std::string token;
  std::string user_agent;
  std::string referer;
  std::string query_string;
  UtcTime opened_at{};
};

/// One viewer or publisher, as counted, authorized and shown. Belongs to the shard that admitted it.
class Session {
 public:
  Session(Sessions& sessions, std::uint32_t slot, std::shared_ptr<const SessionInfo> info)
      : sessions_(&sessions), slot_(slot), info_(std::move(info)) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  [[nodiscard]] const SessionInfo& info() const { return *info_; }

  std::optional<SteadyTime> served_at;   ///< of one of many requests: the newest that was not refused
  std::uint64_t bytes = 0;               ///< that left for it, or came from it
  net::TcpSocket* connection = nullptr;  ///< shut down when the session is closed; null where it has none of its own
  bool closed = false;                   ///< somebody has closed it: nothing more goes out

 private:
  friend class Sessions;

  Sessions* sessions_;  // null: gone before this
  std::uint32_t slot_;
  std::shared_ptr<const SessionInfo> info_;
};

/// A session at one moment, for any shard.
struct SessionStatus {
  std::shared_ptr<const SessionInfo> info;
  std::uint64_t bytes = 0;
  UtcTime updated_at{};  ///< when something of it was last seen
};

}  // namespace sluice::access
