#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/wall_clock.hpp"
#include "media/frame.hpp"
#include "stream/segment.hpp"
#include "stream/targets.hpp"
#include "stream/track_cutter.hpp"
#include "stream/utc_map.hpp"

namespace sluice::stream {

struct TimelineOptions {
  std::chrono::milliseconds segment_duration{5000};
  std::chrono::milliseconds chunk_duration{200};
  std::size_t segment_bytes = std::size_t{64} << 20;  ///< of one track; before it the segment is cut where it is
  std::uint64_t first_number = 0;                     ///< of the first segment
  std::uint64_t first_discontinuity = 0;              ///< of the first run
};

/// What a timeline tells whoever keeps its frames. Numbers are segment numbers; a part belongs to one of them.
class TimelineSink {
 public:
  virtual ~TimelineSink() = default;

  /// Every segment and frame that follows belongs to `run`.
  virtual void on_run(std::shared_ptr<const Run> run) = 0;
  /// A frame took its place. Its duration may still be a guess; its stamps are final.
  virtual void on_frame(const media::Frame& frame) = 0;
  /// Segment `number` begins at `dts`. `begins_run`: it is the first of the current run.
  virtual void on_segment(std::uint64_t number, Ticks dts, bool begins_run) = 0;
  /// The UTC at which segment `number` begins; final. Told once its run's map is settled, in the order of numbers.
  virtual void on_segment_utc(std::uint64_t number, UtcTime utc) = 0;
  /// A part closed: contiguous frames of one track.
  virtual void on_part(std::uint64_t number, std::uint32_t track, std::span<const media::Frame> frames,
                       bool gap_before) = 0;
  /// No more parts of this track in that segment.
  virtual void on_track_complete(std::uint64_t number, std::uint32_t track) = 0;
  /// Every track is complete. `duration` is the leading track's, from where the segment begins.
  virtual void on_segment_complete(std::uint64_t number, Ticks duration) = 0;
  /// TARGETDURATION and PART-TARGET became known; told once in the life of a stream, before the first segment may be
  /// listed.
  virtual void on_targets(std::chrono::seconds target_duration, Ticks part_target) = 0;
};

struct TimelineCounters {
  std::uint64_t frames = 0;
  std::uint64_t moved = 0;      ///< stamps that overlapped the frame before and were moved behind it
  std::uint64_t gaps = 0;       ///< frames that came later than the one before said
  std::uint64_t dependent = 0;  ///< segments of a video track that were cut by a cap, without a keyframe
  std::uint64_t dropped = 0;    ///< frames before the first place to begin, or without room
  std::uint64_t unaligned = 0;  ///< cuts that a further video track could not follow
};

/// Maps the feeding source's frames onto a stream and closes parts and segments. No clock of its own: it is as late as
/// the arrivals of its frames and the times it is told, so that tests run weeks in a second.
///
/// The first video track leads, or the first audio track where there is no video or none comes: a segment begins at the
/// leader's first keyframe at or after each multiple of segment_duration in the stream's UTC, or one keyframe earlier
/// where the next one would come after TARGETDURATION. Audio, text and data follow by time; further video tracks at
/// their own keyframe at that time. A track that reaches the border and waits there for the leader in vain takes the
/// lead. Belongs to the stream's home shard.
class Timeline {
 public:
  /// `clock` and `sink` outlive this.
  Timeline(TimelineOptions options, const WallClock& clock, TimelineSink& sink);

  /// A source begins to feed, or the feeding source's tracks or parameters change (`same_source`). Closes what is open;
  /// the next frame begins a new run.
  void begin_run(media::Tracks tracks, bool same_source, SteadyTime now);

  /// A frame of the feeding source, with the source's stamps. REQUIRES: begin_run() was called.
  void push(media::Frame frame);

  /// The next keyframe of the leader at or after `pts` begins a segment, whatever the grid says.
  void cut(Ticks pts);

  /// Time has passed: tracks that stopped are no longer waited for. Call it about ten times a second.
  void advance(SteadyTime now) { complete_segments(now); }

  /// The source is gone: closes everything that is open.
  void flush();

  /// The frames that no part has yet, of all tracks, each track in its order.
  [[nodiscard]] std::vector<media::Frame> open_frames() const;

  [[nodiscard]] const TimelineCounters& counters() const { return counters_; }
  [[nodiscard]] std::uint64_t next_number() const { return next_number_; }

 private:
  struct Track {
    TrackCutter cutter;
    bool started = false;        // video: with a keyframe of this run
    std::uint64_t segment = 0;   // the number that the waiting frames belong to
    std::optional<Ticks> begin;  // of the track in that segment
    std::size_t bytes = 0;       // in that segment
    std::size_t parts = 0;       // in that segment
    SteadyTime last_arrival{};
  };
  struct OpenSegment {
    std::uint64_t number = 0;
    Ticks dts{};
    SteadyTime ended{};  // when the next one began
    Ticks duration{};    // of the leader's frames, from `dts`
  };
  struct UntoldSegment {
    std::uint64_t number = 0;
    Ticks dts{};
    UtcTime arrival{};
  };

  // runs
  void open_run(const media::Frame& first);
  void continue_in_new_run(const media::Frame& first);
  void close_run();
  void leave_source();
  [[nodiscard]] bool wants_new_run(const media::Frame& frame) const;
  [[nodiscard]] bool may_start(const media::Frame& frame);
  // frames
  bool take(media::Frame frame);
  void observe(const media::Frame& frame);
  void cut_parts(std::uint32_t index);
  void put_part(std::uint32_t index, std::span<const media::Frame> frames);
  // segments
  void lead(const media::Frame& frame);
  void follow(const media::Frame& frame);
  void wait_at_border(const media::Frame& frame);
  void release_held(Ticks end);
  void take_lead(const media::Frame& frame);
  [[nodiscard]] bool border_at(Ticks dts, Ticks pts) const;
  [[nodiscard]] bool over_cap(const media::Frame& frame) const;
  [[nodiscard]] Ticks latest_end(std::uint32_t index) const;
  void begin_segment(Ticks dts, SteadyTime now);
  void leave(OpenSegment& segment);
  void follow_into(std::uint32_t index, const OpenSegment& segment);
  void move_to(std::uint32_t index, std::uint64_t number, Ticks from);
  void complete_segments(SteadyTime now);
  [[nodiscard]] bool gives_up(const Track& track, const OpenSegment& segment, SteadyTime now) const;
  [[nodiscard]] Ticks grid_after(Ticks dts) const;
  void tell_utc(bool all);
  // targets
  void fix_part_target();
  void fix_target_duration();
  [[nodiscard]] Ticks cap() const;
  [[nodiscard]] std::uint32_t rank(std::uint32_t index) const;

  // borrowed (outlives this)
  const WallClock& clock_;
  TimelineSink& sink_;
  // state of the stream
  const TimelineOptions options_;
  Targets targets_;
  std::map<std::string, Ticks> ends_;       // of every track there was, by id
  std::optional<Ticks> stream_end_;         // no audio or video ends after this
  SteadyTime stream_arrival_{};             // of the newest audio or video
  SteadyTime awake_{};                      // since then it has come without a pause
  std::optional<Ticks> first_segment_dts_;  // of the first segment of all
  std::optional<Ticks> last_segment_dts_;   // of the newest segment
  Ticks longest_{};                         // any track of any segment so far
  std::optional<UtcTime> utc_floor_;        // no segment may be told an earlier UTC
  std::deque<UntoldSegment> untold_;        // segments without UTC, oldest first
  std::uint64_t next_number_;
  std::uint64_t next_discontinuity_;
  std::uint64_t next_run_ = 0;
  TimelineCounters counters_;
  // state of the source
  std::optional<UtcMap> map_;
  Ticks offset_{};                               // source -> stream
  std::optional<media::Tracks> pending_tracks_;  // of the run that begins with the next frame
  bool pending_same_source_ = false;
  // state of the run
  std::shared_ptr<const Run> run_;
  bool running_ = false;            // it has its first segment
  std::optional<Ticks> run_first_;  // dts of its first frame, kept or not
  bool leader_seen_ = false;
  std::uint32_t leader_ = 0;
  Ticks next_grid_{};
  std::optional<Ticks> forced_cut_;
  std::vector<Track> tracks_;
  std::deque<OpenSegment> segments_;  // oldest first; the last is the leader's
};

}  // namespace sluice::stream
