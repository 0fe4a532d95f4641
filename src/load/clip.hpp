#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::load {

/// A short recording that publishers send again and again. Immutable; all publishers share one.
class Clip {
 public:
  /// Reads an FLV file, from its first video keyframe on. Errors: those of the flv room, no_video, clip_changes.
  static Result<Clip> read(BytesView flv);

  [[nodiscard]] const media::Tracks& tracks() const { return tracks_; }
  [[nodiscard]] std::uint64_t video_frames() const { return video_.frames.size(); }
  /// How long the pictures last, until they begin again.
  [[nodiscard]] Ticks duration() const { return video_.loop; }
  /// Bit/s of all tracks together.
  [[nodiscard]] std::uint64_t bitrate() const;

 private:
  friend class ClipLoop;

  /// One track's frames, their stamps counted from the first keyframe.
  struct Lane {
    std::vector<media::Frame> frames;
    Ticks loop{};  ///< from one beginning to the next
  };

  static Ticks mean_interval(const Lane& lane);
  Result<void> finish();

  media::Tracks tracks_;
  Lane video_;
  Lane audio_;
};

/// Plays a clip without end: its frames in the order of their decoding times, which rise for ever. Each track starts
/// again by itself when it is through, audio on the grid of its samples, so that no seam has a gap or an overlap.
class ClipLoop {
 public:
  struct Next {
    const media::Frame& frame;  ///< as in the clip; its stamps are replaced by these
    Ticks dts;
    Ticks pts;
  };

  /// `clip` outlives this.
  explicit ClipLoop(const Clip& clip) : clip_(&clip) {}

  /// The next frame; the first is a keyframe at 0.
  Next next();

 private:
  [[nodiscard]] Ticks video_dts() const;
  [[nodiscard]] Ticks audio_dts() const;

  const Clip* clip_;
  std::uint64_t video_ = 0;  ///< number of the next frame
  std::uint64_t audio_ = 0;
};

}  // namespace sluice::load
