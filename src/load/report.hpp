#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/histogram.hpp"
#include "load/run.hpp"
#include "load/viewer.hpp"

namespace sluice::load {

/// What the viewers of one URL, or of all, saw together. Judged are the ordinary ones; slow and stalled ones only add
/// their bytes, and what became of them.
struct Tally {
  unsigned viewers = 0;
  unsigned ordinary = 0;
  unsigned parsed = 0;  ///< of the ordinary ones: video, audio, lost, repeated, damage and delay are theirs
  // Ordinary viewers.
  unsigned unreachable = 0;
  unsigned refused = 0;
  unsigned dropped = 0;
  unsigned unreadable = 0;
  unsigned ended = 0;
  unsigned not_started = 0;  ///< still playing, and no keyframe has come
  // The others.
  unsigned slow_dropped = 0;     ///< slow ones that the server closed
  unsigned stalled_dropped = 0;  ///< likewise of those that do not read

  std::uint64_t bytes = 0;  ///< of all viewers
  std::uint64_t video_frames = 0;
  std::uint64_t audio_frames = 0;
  std::uint64_t lost = 0;
  std::uint64_t repeated = 0;
  std::uint64_t damage = 0;
  std::uint64_t stalls = 0;
  std::uint64_t http_errors = 0;
  std::uint64_t violations = 0;
  std::vector<std::string> violation_texts;  ///< those of one viewer: all see the same playlists

  Histogram bytes_each;  ///< bytes of an ordinary viewer
  Histogram gap;         ///< longest gap of an ordinary viewer, us
  Histogram startup;     ///< us
  Histogram delay;       ///< us

  void add(const Viewer& viewer);
  /// Something is wrong that is not the load's own doing.
  [[nodiscard]] bool faulty() const;
};

/// What a run found.
struct Report {
  struct Url {
    std::string url;
    Kind kind;
    Tally tally;
  };
  struct OfViewer {
    std::string url;
    std::string outcome;
    Viewer::Counts counts;
    std::uint64_t lost = 0;
    std::uint64_t repeated = 0;
    std::optional<std::uint64_t> startup;  ///< us
    Histogram delay;
  };
  struct OfPublishers {
    unsigned count = 0;
    unsigned publishing = 0;
    std::uint64_t bytes = 0;
    std::uint64_t video_frames = 0;
    Histogram lateness;  ///< us
    std::string error;   ///< of the first that ended; empty: none
  };

  std::vector<Url> urls;
  Tally total;
  std::vector<OfViewer> parsed;  ///< each viewer that was parsed to the end
  OfPublishers publishers;
  Run::Window window;

  /// Above this share of its core the load's own figures are not to be trusted.
  static constexpr double kLoadBound = 0.8;
  /// Share of one core that this program used.
  [[nodiscard]] double load_cpu() const;
  [[nodiscard]] bool load_bound() const { return load_cpu() > kLoadBound; }
  [[nodiscard]] bool faulty() const;
  /// 0: all was well; 2: faults were found; 3: load-bound, so that faults may be the load's own.
  [[nodiscard]] int exit_status() const;
};

Report make_report(const Run& run);

/// As a table for people.
std::string to_text(const Report& report);
/// As JSON for programs.
std::string to_json(const Report& report);

}  // namespace sluice::load
