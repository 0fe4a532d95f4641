#pragma once

#include <span>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "format/webvtt/cue.hpp"

namespace sluice::webvtt {

/// How the clock of a WebVTT segment lies on the clock of the audio and video beside it (RFC 8216 section 3.5).
struct TimestampMap {
  Ticks origin{};  ///< the media time that the segment writes as 00:00:00.000
  Ticks mpegts{};  ///< the same instant as the other segments stamp it; written modulo 2^33
};

/// A WebVTT segment for HLS: header, X-TIMESTAMP-MAP, and the cues in the order given. A cue that began before the
/// origin begins at it; one that has ended by then is left out. Text cannot break out of its cue, whatever it holds:
/// empty lines, `-->` and line ends in settings are made harmless.
Bytes write_segment(std::span<const Cue> cues, const TimestampMap& map);

}  // namespace sluice::webvtt
