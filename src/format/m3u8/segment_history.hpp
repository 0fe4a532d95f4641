#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "format/m3u8/media_playlist.hpp"
#include "format/m3u8/report.hpp"

namespace sluice::m3u8 {

/// The segments and parts of one playlist as they were first listed, by Media Sequence Number, and the rules that what
/// was listed once binds what is listed later. Keeps the last 1000.
class SegmentHistory {
 public:
  /// Takes the next version of the playlist. Of the segments below `first_shown` the answer showed no tags.
  void take(const MediaPlaylist& playlist, std::uint64_t first_shown, Report& report);

 private:
  struct Known {
    Segment segment;  ///< with all its parts seen so far
    std::uint64_t discontinuity = 0;
    std::size_t listed_parts = 0;  ///< in the newest playlist
    bool closed = false;           ///< its URI and duration are known
    bool from_first_part = false;  ///< `segment.parts` begins with Part Index 0
    bool first_part_checked = false;
  };

  void take_segment(const Segment& segment, std::uint64_t msn, std::uint64_t discontinuity, bool closed,
                    bool parts_shown, Report& report);
  void take_parts(Known& known, const Segment& segment, std::uint64_t msn, bool was_closed, Report& report);
  void check_removal_order(const MediaPlaylist& playlist, std::uint64_t first_shown, Report& report) const;
  void check_first_part(Known& known, std::uint64_t msn, Report& report);
  void check_hint(const MediaPlaylist& playlist, Report& report);

  std::map<std::uint64_t, Known> known_;
  std::uint64_t newest_ = 0;  ///< msn
  std::string hinted_uri_;    ///< of the part behind `hinted_after_`, or empty
  Edge hinted_after_;
};

}  // namespace sluice::m3u8
