#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/time.hpp"

namespace sluice::stream {

/// A source's map from media time to UTC, learned from when its frames arrive: utc = dts + offset.
///
/// A frame can come late, never early; so the truth is the smallest (arrival - dts): of the first 2 s for the start, or
/// of as long as an encoder's burst at connect goes on; of the last minute for what is slewed towards afterwards. A
/// late stretch moves nothing, because after a stalled network a source catches up. One that stays more than 5 s late
/// without catching up has stood still: its map is wrong, and a new run begins with the right one.
class UtcMap {
 public:
  /// One frame. `arrival` is wall-clock time; `stated` is the source's own UTC for the frame, which wins over arrivals
  /// from then on; ignored where it is more than a day away from its arrival.
  void observe(Ticks dts, UtcTime arrival, std::optional<UtcTime> stated = {});

  /// The UTC of a media time. REQUIRES: observe() was called.
  [[nodiscard]] UtcTime at(Ticks dts) const { return UtcTime(to_us(dts) + offset_); }

  /// True once the start is known: from then on the offset changes by slew() and begin_run() alone.
  [[nodiscard]] bool settled() const { return settled_; }
  /// No more is to be learned of the start.
  void settle() { settled_ = true; }

  /// at(dts) will stay as it is, for a frame of `dts` that came at `arrival`.
  [[nodiscard]] bool vouches_for(Ticks dts, UtcTime arrival) const;

  /// Frames are more than 5 s late, and it is not known yet whether they are catching up: what begins now should be a
  /// new run.
  [[nodiscard]] bool doubtful() const { return late_ && !catching_up(); }
  /// Frames are more than 5 s late and are not catching up.
  [[nodiscard]] bool wrong() const { return late_ && newest_arrival_ - late_->fell >= kPatience; }
  /// A run begins with the newest frame: corrects a map that is wrong; one that is doubtful settles anew.
  void begin_run();

  /// At a segment border: moves towards the truth by 1 ms for each second of `media` at most.
  void slew(Ticks media);

  /// Never lets `dts` be earlier than `floor`: names must rise.
  void keep_after(Ticks dts, UtcTime floor);

 private:
  using Us = std::chrono::microseconds;
  static constexpr auto kPatience = std::chrono::seconds(2);

  /// How (arrival - dts) develops: down is catching up.
  struct Trend {
    Trend(Us sample, UtcTime arrival) : first(sample), least(sample), mark(sample), fell(arrival) {}
    void observe(Us sample, UtcTime arrival);

    Us first;
    Us least;
    Us mark;       // least when it last fell by more than jitter does
    UtcTime fell;  // when that was
  };
  struct Bucket {
    std::int64_t index = -1;  // of 10 s of arrival time
    Us least{};
  };

  void learn_start(Us sample, UtcTime arrival);
  void watch(Us sample, UtcTime arrival);
  void remember(Us sample, UtcTime arrival);
  [[nodiscard]] bool catching_up() const;
  void correct();

  Us offset_{};
  bool settled_ = false;
  bool stated_ = false;
  std::optional<UtcTime> first_arrival_;
  UtcTime newest_arrival_{};
  std::optional<Trend> start_;  // while the start is learned
  std::optional<Trend> late_;   // while frames are more than 5 s late
  std::array<Bucket, 6> buckets_;
};

}  // namespace sluice::stream
