#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/body.hpp"
#include "core/time.hpp"
#include "media/track.hpp"

namespace sluice::stream {

/// A stretch of a stream with one feeding source, one set of tracks and parameters. Immutable.
struct Run {
  std::uint64_t id = 0;             ///< counts up in the life of a stream
  std::uint64_t discontinuity = 0;  ///< EXT-X-DISCONTINUITY-SEQUENCE of its first segment
  media::Tracks tracks;
};

/// A piece of one track of a segment, for low latency: one moof and mdat in the store.
struct Part {
  Ticks dts{};
  Ticks duration{};
  bool independent = false;  ///< begins with a random access frame
  bool gap_before = false;   ///< the frame before ended earlier than this begins
  /// Counts the parts of the track at this place while the stream lives, through segments and runs; not 0.
  std::uint32_t sequence = 0;
  std::array<Range, 2> ranges;

  [[nodiscard]] std::size_t size() const { return ranges[0].length + ranges[1].length; }
};

/// What one track has in a segment.
struct TrackSegment {
  std::vector<Part> parts;
  std::size_t size = 0;  ///< bytes of all parts, which lie one behind the other
  std::uint32_t frames = 0;
  bool complete = false;   ///< no further part will come
  bool dependent = false;  ///< does not begin with a random access frame: never a place to begin

  [[nodiscard]] Ticks dts() const { return parts.empty() ? Ticks{} : parts.front().dts; }
  [[nodiscard]] Ticks end() const { return parts.empty() ? Ticks{} : parts.back().dts + parts.back().duration; }
  [[nodiscard]] Ticks duration() const { return end() - dts(); }
};

/// Bytes a second that who takes `bytes` of `duration` has to take: a quarter of their bit rate.
std::uint64_t least_rate(std::size_t bytes, Ticks duration);

/// One or more whole GOPs with the audio, text and data that belong to them: the same record in memory and in the
/// archive's index. Immutable: while it grows, each change is a new record that shares the lease.
struct Segment {
  std::uint64_t number = 0;  ///< EXT-X-MEDIA-SEQUENCE; previous + 1 over the whole life of a stream
  std::shared_ptr<const Run> run;
  bool begins_run = false;            ///< the first segment after a discontinuity
  Ticks dts{};                        ///< where it was cut: no frame of v1 before it
  Ticks duration{};                   ///< of the leading track; what it has so far while it is open
  UtcTime utc{};                      ///< of `dts`
  std::uint32_t name_ms = 0;          ///< the duration field of its name: milliseconds, unique together with the second
  bool complete = false;              ///< every track is complete; `duration` and `name_ms` are final
  std::vector<TrackSegment> tracks;   ///< by index in run->tracks
  std::shared_ptr<const void> lease;  ///< keeps the bytes of the ranges
  const Recall* recall = nullptr;     ///< of the lease; null: nobody wants them back early

  /// "2026/03/22/08/06/37-05000": start in UTC, duration in ms, at least five digits. Fixed once complete.
  [[nodiscard]] std::string name() const;
  /// "2026/03/22/08/06/37": what parts of a segment that is still open are named by.
  [[nodiscard]] std::string start_name() const;

  /// The bytes of the given tracks, one track after the other: a muxed CMAF segment is this for two tracks.
  [[nodiscard]] Body body(std::span<const std::uint32_t> track_indexes) const;
  /// The bytes of one part.
  [[nodiscard]] Body part_body(std::uint32_t track, std::size_t part) const;
};

/// What a window shows at one moment. Immutable; shared by everybody who looks.
struct Listing {
  std::uint64_t generation = 0;  ///< counts up with every change
  /// Oldest first. The last one or two may be incomplete for some tracks.
  std::vector<std::shared_ptr<const Segment>> segments;
  std::size_t first_listed = 0;            ///< older segments are kept for late clients only
  std::chrono::seconds target_duration{};  ///< EXT-X-TARGETDURATION, fixed for the life of the stream; 0: not known yet
  Ticks part_target{};                     ///< EXT-X-PART-INF PART-TARGET, fixed likewise; 0: no parts
  bool live = true;
  bool has_source = false;  ///< one is connected or being started: what is not listed yet may be so soon
  bool ended = false;       ///< nothing will be added any more

  /// The newest run, or null before the first segment.
  [[nodiscard]] std::shared_ptr<const Run> run() const { return segments.empty() ? nullptr : segments.back()->run; }
};

}  // namespace sluice::stream
