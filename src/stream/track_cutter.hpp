#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::stream {

/// One track of a run on the stream's timeline: gives each frame a place behind the one before it, and a duration, and
/// finds where parts end. A part is contiguous and at most as long as its target; audio and video parts are shorter
/// than 85 % of it only before a hole, at the end of a segment, or where whole audio frames do not fit.
///
/// Belongs to its timeline, which takes the parts; frames wait here until it does. Text and data frames are parts of
/// their own.
class TrackCutter {
 public:
  enum class Place {
    none,   ///< no room: a whole audio frame too many, a cue that was over before the one before it
    same,   ///< where the source put it
    behind  ///< behind the frame before, which ends later than this one begins
  };

  /// `end`: where the track's frames before this run end.
  TrackCutter(const media::Track& track, std::optional<Ticks> end);

  /// Sets the final stamps of `frame`, and a duration, which the next frame may still correct while this one waits.
  Place place(media::Frame& frame);
  /// A frame that place() put.
  void add(media::Frame frame);

  [[nodiscard]] std::span<const media::Frame> waiting() const { return waiting_; }
  [[nodiscard]] media::Content content() const { return content_; }
  /// Text or data: frames come when they come, and nobody waits for them.
  [[nodiscard]] bool sparse() const;
  /// Where the newest frame ends: no frame may begin before.
  [[nodiscard]] std::optional<Ticks> end() const { return end_; }
  /// Where the newest part ends.
  [[nodiscard]] std::optional<Ticks> parts_end() const { return parts_end_; }
  /// From frame to frame, typically.
  [[nodiscard]] Ticks interval() const { return interval_; }

  /// Frames from `dts` on may belong to a segment that has yet to begin: they are no part before release().
  void hold(Ticks dts) { held_ = dts; }
  void release() { held_.reset(); }
  [[nodiscard]] std::optional<Ticks> held() const { return held_; }

  /// What a part, and no picture in it, may exceed: a length, and the end of its segment.
  struct Limits {
    Ticks target{};
    Ticks latest = Ticks::max();
  };
  /// The frames that are a part by now; none while more may join them. Valid until take().
  [[nodiscard]] std::span<const media::Frame> part(Limits limits);
  /// The next part of what waits before `from`; nothing will be added to that.
  [[nodiscard]] std::span<const media::Frame> last_part(Limits limits, Ticks from);
  /// Whether there is a gap before the first waiting frame: more than half a frame, and than 10 ms.
  [[nodiscard]] bool gap_before() const;
  /// The first `count` waiting frames went into a part.
  void take(std::size_t count);

 private:
  struct Fill {
    std::size_t frames;
    bool full;  // nothing can join any more
  };

  void learn_interval(const media::Frame& frame);
  void reach(Ticks dts);
  void give_way(Ticks dts);
  [[nodiscard]] Ticks gap_threshold() const;
  Fill fill(Limits limits, std::size_t count);
  void shorten(std::size_t index, Ticks duration);

  const media::Content content_;
  std::vector<media::Frame> waiting_;
  std::optional<Ticks> end_;
  std::optional<Ticks> parts_end_;
  std::optional<Ticks> held_;
  std::optional<Ticks> last_asked_;  // dts of the newest frame, as it came
  Ticks interval_;
  int intervals_ = 0;  // that interval_ is the mean of
  Ticks outlier_{};    // an interval that is another: true if it comes twice
};

}  // namespace sluice::stream
