#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "core/shard.hpp"
#include "core/task.hpp"
#include "format/m3u8/presentation_checker.hpp"
#include "load/url.hpp"
#include "load/viewer.hpp"

namespace sluice::load {

/// What was looked at; so that nobody takes a stream that was never there for a good one.
struct CheckCounts {
  std::uint64_t playlists = 0;
  std::uint64_t reloads = 0;
  std::uint64_t segments = 0;  ///< downloaded
  std::uint64_t parts = 0;     ///< downloaded
  std::uint64_t unlisted = 0;  ///< segments and parts, when they were listed no longer
};

/// Follows a live presentation over HTTP: the Multivariant Playlist once, each Media Playlist with blocking reloads and
/// delta updates where it offers them, and now and then with requests that must be refused; downloads all that is
/// listed and hinted, and for as long as it must be there what is listed no longer; and notes every rule of RFC 8216bis
/// that is broken. Runs on one shard.
class HlsCheck {
 public:
  struct Options {
    Target target;                                 ///< of kind hls, resolved
    std::chrono::microseconds tolerance{250'000};  ///< granted to the network, and to a busy machine
    bool source_pauses = false;  ///< breaks in the source are no fault: what comes behind them is a discontinuity
  };

  explicit HlsCheck(Options options);
  ~HlsCheck();

  /// Follows until the stream ends, or until the task is destroyed.
  Task<void> run();

  [[nodiscard]] const Target& target() const { return options_.target; }
  /// In words, in the order in which they were found; those of requests that got no answer at all as well.
  [[nodiscard]] std::vector<std::string> faults() const;
  [[nodiscard]] CheckCounts counts() const;

 private:
  class Rendition;

  Task<void> follow(Rendition& rendition);
  Task<bool> begin();

  const Options options_;
  Viewer viewer_;  ///< whom the connections belong to
  m3u8::PresentationChecker checker_;
  std::list<Rendition> renditions_;
  std::string error_;  ///< it could not begin
  std::size_t following_ = 0;
  Event ended_;
  TaskScope scope_;  // last: its tasks use all of the above
};

}  // namespace sluice::load
