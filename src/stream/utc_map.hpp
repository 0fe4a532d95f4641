#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/time.hpp"

namespace sluice::stream {

/// A run's map from media time to UTC, learned from when frames arrive: utc = dts + offset.
///
/// A frame can come late, never early; so the truth is the smallest (arrival - dts), of the first 2 s for the start
/// (an encoder's burst at connect ends in them), of the last minute for what is slewed towards afterwards. A single
/// late stretch (a stalled network, a burst after it) therefore moves nothing; a source whose clock drifts is followed.
class UtcMap {
 public:
  /// One frame. `arrival` is wall-clock time; `stated` is the source's own UTC for the frame, which wins over arrivals.
  void observe(Ticks dts, UtcTime arrival, std::optional<UtcTime> stated = {});

  /// The UTC of a media time. REQUIRES: observe() was called.
  [[nodiscard]] UtcTime at(Ticks dts) const { return UtcTime(to_us(dts) + offset_); }

  /// True 2 s after the first frame: from then on the offset changes by slew() alone.
  [[nodiscard]] bool settled() const { return settled_; }
  void settle() { settled_ = true; }

  /// At a segment border: moves towards the truth by 1 ms for each second of `media` at most.
  void slew(Ticks media);

  /// The map is wrong by more than 5 s and will not come right by itself: time for a new run, whose map is this.
  [[nodiscard]] std::optional<UtcMap> replacement() const;

  /// Never lets `dts` be earlier than `floor`: names must rise.
  void keep_after(Ticks dts, UtcTime floor);

 private:
  using Us = std::chrono::microseconds;
  struct Bucket {
    std::int64_t index = -1;  // of 10 s of arrival time
    Us least{};
  };

  void settle_from(Us sample, UtcTime arrival, bool stated);
  void watch(Ticks dts, UtcTime arrival, Us sample);

  Us offset_{};
  bool started_ = false;
  bool settled_ = false;
  bool stated_ = false;
  UtcTime first_arrival_{};
  std::array<Bucket, 6> buckets_;
  // The last stretch of 2 s: is the source late all along, without catching up?
  UtcTime stretch_arrival_{};
  Ticks stretch_dts_{};
  Us stretch_least_{};
  std::optional<Us> wrong_;  // the offset that it should have
};

}  // namespace sluice::stream
