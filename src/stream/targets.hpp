#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "core/time.hpp"

namespace sluice::stream {

/// TARGETDURATION and PART-TARGET of a stream: learned from the first frames of the track that leads, fixed once, the
/// same for all playlists and for the stream's whole life.
class Targets {
 public:
  Targets(std::chrono::milliseconds segment_duration, std::chrono::milliseconds chunk_duration)
      : segment_duration_(segment_duration), chunk_duration_(chunk_duration) {}

  /// A frame of the leading track, in their order.
  void learn(Ticks dts, bool random_access);
  /// What comes next has nothing to do with what came: another run, or another track leads.
  void restart();

  /// Two whole GOPs were seen.
  [[nodiscard]] bool learned() const { return gops_ >= 2; }

  /// PART-TARGET: the nearest whole number of the leader's frames to chunk_duration, and 2 ms for what stamps jitter;
  /// more, up to a second, where else the frames of another track would not fit in, or not fill 85 % of it. `guess` is
  /// the distance of the leader's frames where none were seen. `intervals` are those of all tracks that have parts.
  void fix_part(Ticks guess, std::span<const Ticks> intervals);

  /// TARGETDURATION: segment_duration in whole GOPs, and a second. `longest` is what a segment lasted already.
  void fix_segment(Ticks longest);

  [[nodiscard]] std::optional<Ticks> part() const { return part_; }
  [[nodiscard]] std::optional<std::chrono::seconds> segment() const { return segment_; }
  /// The distance of the leader's two newest keyframes; 0 before there are two.
  [[nodiscard]] Ticks gop() const { return gop_; }

 private:
  [[nodiscard]] Ticks typical_interval(Ticks guess) const;

  const std::chrono::milliseconds segment_duration_;
  const std::chrono::milliseconds chunk_duration_;
  std::optional<Ticks> last_dts_;
  std::optional<Ticks> last_keyframe_;
  std::vector<Ticks> intervals_;
  int gops_ = 0;
  Ticks gop_{};
  Ticks longest_gop_{};
  std::optional<Ticks> part_;
  std::optional<std::chrono::seconds> segment_;
};

}  // namespace sluice::stream
