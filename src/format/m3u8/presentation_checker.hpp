#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/m3u8/checker.hpp"

namespace sluice::m3u8 {

/// Follows all playlists of one presentation: a Checker for each, and the rules that bind them to each other. Playlists
/// are known by their URI without its query. Belongs to the one who feeds it; knows no clock and no network.
class PresentationChecker {
 public:
  explicit PresentationChecker(const CheckerOptions& options = {}) : options_(options) {}

  /// Takes the Multivariant Playlist that was loaded from `uri`. Its playlists are those that belong together.
  std::span<const Violation> on_master(std::string_view uri, std::string_view text);

  /// Takes the next answer of the Media Playlist at `uri`, absolute or an absolute path.
  std::span<const Violation> on_answer(std::string_view uri, const Exchange& exchange);

  /// Notes what is wrong with something that the Media Playlist at `uri` names.
  void note(std::string_view uri, Violation violation);

  /// All violations, those of the single playlists included.
  [[nodiscard]] const std::vector<Violation>& violations() const { return log_.all(); }

  /// The Media Playlists that the Multivariant Playlist named, resolved, without query.
  [[nodiscard]] std::vector<std::string> playlists() const;

  /// The checker of one playlist, or null.
  [[nodiscard]] const Checker* checker(std::string_view uri) const;

 private:
  /// An edge, and from when on it was public.
  struct Seen {
    Edge edge;
    SteadyTime at{};
  };
  struct Member {
    explicit Member(const CheckerOptions& options) : checker(options) {}
    Checker checker;
    bool named = false;          ///< by the Multivariant Playlist
    std::vector<Seen> edges;     ///< of its own answers, oldest first, at most 16
    std::vector<Seen> reported;  ///< by the reports of others, oldest first, at most 16
  };

  Member& member(const std::string& key);
  void check_pair(const MediaPlaylist& one, const std::string& other_key, const MediaPlaylist& other,
                  Report& report) const;
  void check_reports(const std::string& key, const Exchange& exchange, Report& report);
  void check_reported(Member& member, const Exchange& exchange, Report& report) const;

  CheckerOptions options_;
  std::map<std::string, Member, std::less<>> members_;
  ViolationLog log_;
};

}  // namespace sluice::m3u8
