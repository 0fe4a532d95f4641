#pragma once

#include "format/m3u8/exchange.hpp"
#include "format/m3u8/report.hpp"

namespace sluice::m3u8 {

/// Whether segments and parts of a live playlist come in time, section 6.2.1. What an answer proves depends on how it
/// was asked for: without a directive it shows the playlist no earlier than the request; a held request ends when
/// something new is there. A delay is reported only where no reading of the times explains it.
class Pace {
 public:
  explicit Pace(const CheckerOptions& options) : options_(options) {}

  void take(const Exchange& exchange, const MediaPlaylist& playlist, Report& report);

 private:
  /// When the newest thing of one kind, segment or part, was first seen.
  struct Track {
    std::optional<Edge> newest;
    SteadyTime seen{};
    bool late = false;  ///< was reported
  };
  struct Next {
    std::optional<Edge> newest;
    bool discontinuity = false;  ///< the source broke off before it
    Duration limit{};
    Rule rule;
    bool asked = false;  ///< for: a held answer came with the next one
  };
  void take(Track& track, const Next& next, const Exchange& exchange, Report& report) const;

  CheckerOptions options_;
  Track segments_;
  Track parts_;
};

}  // namespace sluice::m3u8
