#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "format/m3u8/media_playlist.hpp"
#include "format/m3u8/rules.hpp"
#include "format/mp4/init.hpp"

namespace sluice::load {

/// Holds what was downloaded of one rendition of fragmented MP4 against what its playlist says of it: durations, media
/// without holes but at discontinuities, segments that are their parts. Of other media it only compares segments with
/// their parts. Give it everything in order, parts before their segment. Knows no clock and no network.
class MediaCheck {
 public:
  using Violations = std::vector<m3u8::Violation>;

  /// The init segment of what comes next. Empty: there is none.
  Violations init(BytesView bytes);

  /// The next part of segment `msn`; empty where it is a gap.
  Violations part(std::uint64_t msn, const m3u8::Part& listed, BytesView bytes);

  /// A whole segment. `parts`: how many parts its playlist listed; its media has been judged with these if they came.
  Violations segment(std::uint64_t msn, const m3u8::Segment& listed, BytesView bytes);

  /// The media behind this may begin anywhere.
  void discontinuity() { expected_.clear(); }

 private:
  Violations media(std::string_view what, std::uint64_t msn, m3u8::Duration listed, BytesView bytes);

  mp4::Init init_;
  std::map<std::uint32_t, std::int64_t> expected_;  ///< decode time of each track's next sample, by its id
  std::uint64_t of_ = 0;                            ///< the segment whose parts are gathered
  std::size_t part_count_ = 0;
  Bytes parts_;
};

}  // namespace sluice::load
