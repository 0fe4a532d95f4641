#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/wall_clock.hpp"
#include "media/frame.hpp"
#include "stream/segment.hpp"
#include "stream/utc_map.hpp"

namespace sluice::stream {

struct TimelineOptions {
  std::chrono::milliseconds segment_duration{5000};
  std::chrono::milliseconds chunk_duration{200};
  std::size_t segment_bytes = std::size_t{64} << 20;  ///< of one track; over it the segment is cut where it is
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
  /// Every track is complete. `duration` is the leading track's.
  virtual void on_segment_complete(std::uint64_t number, Ticks duration) = 0;
  /// TARGETDURATION and PART-TARGET became known; told once in the life of a stream, before the first segment may be
  /// listed.
  virtual void on_targets(std::chrono::seconds target_duration, Ticks part_target) = 0;
};

struct TimelineCounters {
  std::uint64_t frames = 0;
  std::uint64_t moved = 0;      ///< stamps that overlapped the frame before and were moved behind it
  std::uint64_t gaps = 0;       ///< frames that came later than the one before said
  std::uint64_t dependent = 0;  ///< segments cut by a cap, without a keyframe
  std::uint64_t dropped = 0;    ///< frames before the first place to begin
  std::uint64_t unaligned = 0;  ///< cuts that a further video track could not follow
};

/// Maps the feeding source's frames onto a stream and closes parts and segments. No clock of its own: it is as late as
/// the arrivals of its frames and the times it is told, so that tests run weeks in a second.
///
/// The first video track leads, or the first audio track where there is no video or none comes: a segment begins at the
/// leader's first keyframe at or after each multiple of segment_duration in the stream's UTC. Audio, text and data
/// follow by time; further video tracks at their own keyframe at that time. Belongs to the stream's home shard.
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
  struct TrackState {
    std::optional<Ticks> end;  // where the newest frame ends; no frame may begin before it
    Ticks last_dts{};
    Ticks interval{};                // between the two newest frames: the guess for the next duration
    std::vector<media::Frame> open;  // what no part has yet
    bool gap_before = false;         // before open.front()
    std::optional<Ticks> held;       // frames from here on may belong to a segment that the leader has yet to begin
    std::uint64_t segment = 0;       // the number that `open` belongs to
    std::size_t segment_bytes = 0;
    SteadyTime last_arrival{};
  };
  struct OpenSegment {
    std::uint64_t number = 0;
    Ticks dts{};
    SteadyTime ended{};  // when the next one began
    Ticks leader_end{};  // where the leader's frames in it end
  };

  // runs
  void open_run(const media::Frame& first);
  void close_run();
  bool start(const media::Frame& frame);
  // stamps
  bool place(TrackState& track, media::Frame& frame);
  void close_gap(TrackState& track, std::uint32_t index, const media::Frame& frame);
  // parts
  void close_parts(std::uint32_t index);
  void close_part(std::uint32_t index, std::size_t frames);
  // segments
  void choose_leader(const media::Frame& frame);
  void lead(const media::Frame& frame);
  void follow(const media::Frame& frame);
  [[nodiscard]] bool cut_here(const media::Frame& frame) const;
  void begin_segment(Ticks dts, SteadyTime now);
  void move_to(std::uint32_t index, std::uint64_t number, Ticks from);
  void complete_segments(SteadyTime now);
  void tell_utc();
  [[nodiscard]] Ticks grid_after(Ticks dts) const;
  // targets
  void learn_targets(const media::Frame& frame);
  void fix_part_target();
  void fix_target_duration(Ticks longest);
  [[nodiscard]] media::Content content(std::uint32_t index) const { return run_->tracks[index].content(); }

  // borrowed (outlives this)
  const WallClock& clock_;
  TimelineSink& sink_;
  // state
  const TimelineOptions options_;
  std::shared_ptr<const Run> run_;
  std::optional<media::Tracks> pending_tracks_;  // of the run that begins with the next frame
  bool pending_same_source_ = false;
  bool running_ = false;             // the current run has its first segment
  std::optional<Ticks> run_first_;   // dts of the run's first frame, kept or not
  bool leader_seen_ = false;         // in this run
  Ticks offset_{};                   // source -> stream
  std::optional<Ticks> stream_end_;  // no frame ends after this
  SteadyTime stream_arrival_{};
  std::optional<UtcMap> map_;        // of the feeding source
  std::optional<UtcTime> last_utc_;  // of the newest segment that was told
  std::uint32_t leader_ = 0;
  Ticks next_grid_{};
  std::optional<Ticks> forced_cut_;
  std::vector<TrackState> tracks_;
  std::deque<OpenSegment> segments_;                    // oldest first; the last is the leader's
  std::deque<std::pair<std::uint64_t, Ticks>> untold_;  // segments without UTC: number, dts
  std::uint64_t next_number_;
  std::uint64_t next_discontinuity_;
  std::uint64_t next_run_ = 0;
  // targets, fixed once
  std::optional<std::chrono::seconds> target_duration_;
  std::optional<Ticks> part_target_;
  std::vector<Ticks> keyframes_;  // dts of the leader's first three
  std::vector<Ticks> intervals_;  // between the leader's first few frames
  TimelineCounters counters_;
};

}  // namespace sluice::stream
