#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::stream {

/// Makes one source's stamps continuous, before they reach the timeline. Belongs to the source, on its shard.
///
/// - A jump, either way, that the arrival time does not explain is taken out of all tracks by the same offset, so that
///   they stay in sync, and counted.
/// - Audio stamps are laid on the grid of the sample clock: RTMP's whole milliseconds are no gaps. Off by more than
///   40 ms, the grid is anchored anew.
class Normalizer {
 public:
  /// `tracks` of the frames that follow. Keeps what is known of the source's clock.
  void set_tracks(const media::Tracks& tracks);

  /// Repairs the stamps of `frame`; audio gets its duration.
  void normalize(media::Frame& frame);

  [[nodiscard]] std::uint64_t jumps() const { return jumps_; }

 private:
  struct TrackClock {
    std::optional<Ticks> last;  // dts of the newest frame, repaired
    // Audio: the grid. Frame n stands at sample anchor + n * samples_per_frame.
    std::uint32_t sample_rate = 0;
    std::uint32_t samples_per_frame = 0;
    std::optional<std::int64_t> anchor;
    std::int64_t frames = 0;
  };

  [[nodiscard]] bool jumps_away(const TrackClock& clock, Ticks dts, SteadyTime arrival) const;
  void lay_on_grid(TrackClock& clock, media::Frame& frame);

  std::vector<TrackClock> clocks_;
  Ticks offset_{};                      // what is added to all stamps
  std::optional<Ticks> former_offset_;  // frames of slower tracks may still come from before a jump
  SteadyTime jump_arrival_{};
  std::optional<Ticks> newest_;  // of all tracks, repaired
  SteadyTime newest_arrival_{};
  std::uint64_t jumps_ = 0;
};

}  // namespace sluice::stream
