#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "core/shard.hpp"
#include "core/task.hpp"
#include "format/m3u8/presentation_checker.hpp"
#include "load/http_client.hpp"
#include "load/url.hpp"
#include "load/viewer.hpp"

namespace sluice::load {

/// So often in a row may a request fail before a viewer gives up, and so long it waits in between.
inline constexpr unsigned kMostFailures = 3;
inline constexpr std::chrono::seconds kRetry{1};
/// For a playlist, beside three target durations, for which the server may hold it back; and for what it lists.
inline constexpr std::chrono::seconds kPlaylistLimit{10};
inline constexpr std::chrono::seconds kMediaLimit{30};

/// The path of a URI on the target's own server; nothing where it leads elsewhere.
std::optional<std::string> local_path(const Target& target, std::string_view base, std::string_view reference);

/// Loads one Media Playlist again and again as a player does (RFC 8216bis sections 6.3.4 and 6.2.5) and hands every
/// answer to the checker of its presentation. Belongs to its viewer's player, on the run's shard; its owner cancels
/// reload() by ending the scope that it runs in.
class PlaylistFollower {
 public:
  struct Options {
    std::string path;      ///< of HTTP, with its query
    bool tests = false;    ///< from time to time it asks for what players do not ask for: the past, too far a future
    bool patient = false;  ///< refusals never make it give up
  };

  PlaylistFollower(Viewer& viewer, m3u8::PresentationChecker& checker, Options options)
      : viewer_(viewer), checker_(checker), options_(std::move(options)), client_(viewer) {}

  /// Takes the playlist as it was loaded by somebody else, without directives.
  void take(const HttpClient::Answer& answer) { take(answer, {}); }

  /// Reloads until the stream ends or too much fails; over() tells.
  Task<void> reload();

  [[nodiscard]] const std::string& path() const { return options_.path; }
  /// The newest playlist, or null.
  [[nodiscard]] const m3u8::MediaPlaylist* playlist() const;
  /// How many answers came.
  [[nodiscard]] std::uint64_t answers() const;
  /// Why it does not go on: ended, bad_status, or what the client says.
  [[nodiscard]] std::optional<std::error_code> over() const { return over_; }
  /// Notified after each answer, and when it is over.
  Event& news() { return news_; }

 private:
  /// What a request asks beside the playlist, section 6.2.5.
  struct Directives {
    std::optional<std::uint64_t> msn;
    std::optional<std::uint64_t> part;
    bool skip = false;
    bool to_be_refused = false;
  };

  [[nodiscard]] Directives next_part(bool skip) const;
  [[nodiscard]] Directives unusual(const m3u8::MediaPlaylist& list) const;
  [[nodiscard]] std::string path_with(const Directives& ask) const;
  [[nodiscard]] std::optional<m3u8::Edge> edge() const;
  void take(const HttpClient::Answer& answer, const Directives& ask);
  Task<void> pause(bool changed) const;

  // borrowed (outlive this)
  Viewer& viewer_;
  m3u8::PresentationChecker& checker_;
  // owned
  const Options options_;
  HttpClient client_;
  // state
  std::uint64_t reloads_ = 0;
  std::optional<std::error_code> over_;
  Event news_;
};

}  // namespace sluice::load
