#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::stream {

/// Makes one source's stamps continuous, before they reach the timeline. Belongs to the source, on its shard.
///
/// - A jump, either way, that the arrival time does not explain is taken out of all tracks by the same offset, so that
///   they stay in sync, and counted. Frames of slower tracks that still come from before the jump keep their place.
/// - Many small jumps are one too: stamps run ahead of real time by the length of a burst at most.
/// - Audio stamps are laid on the grid of the sample clock: RTMP's whole milliseconds are no gaps. Off by more than
///   40 ms, the grid is anchored anew.
class Normalizer {
 public:
  /// `tracks` of the frames that follow. Keeps what is known of the source's clock.
  void set_tracks(const media::Tracks& tracks);

  /// Repairs the stamps of `frame`; audio gets its duration. Afterwards dts <= pts <= dts + 10 s.
  void normalize(media::Frame& frame);

  [[nodiscard]] std::uint64_t jumps() const { return jumps_; }

 private:
  struct TrackClock {
    std::string id;
    bool sparse = false;        // text and data come when they come, and may be announced long before
    Ticks offset{};             // what is added to its stamps
    std::optional<Ticks> last;  // dts of the newest frame, repaired
    Ticks interval{};           // between the two newest
    SteadyTime last_arrival{};
    // Audio: the grid. Frame n stands at sample anchor + n * samples_per_frame.
    std::uint32_t sample_rate = 0;
    std::uint32_t samples_per_frame = 0;
    std::optional<std::int64_t> anchor;
    std::int64_t frames = 0;
  };

  [[nodiscard]] Ticks place(TrackClock& clock, Ticks dts, SteadyTime arrival);
  [[nodiscard]] Ticks place_sparse(TrackClock& clock, Ticks dts, SteadyTime arrival) const;
  [[nodiscard]] bool continues(const TrackClock& clock, Ticks dts, SteadyTime arrival) const;
  [[nodiscard]] Ticks furthest(SteadyTime arrival) const;
  void lay_on_grid(TrackClock& clock, media::Frame& frame);

  std::vector<TrackClock> clocks_;
  Ticks offset_{};               // of the track that jumped last; the others will follow
  std::optional<Ticks> newest_;  // of all tracks but sparse ones, repaired
  SteadyTime newest_arrival_{};
  Ticks first_{};
  SteadyTime first_arrival_{};
  std::uint64_t jumps_ = 0;
};

}  // namespace sluice::stream
