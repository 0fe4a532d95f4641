#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "stream/timeline.hpp"

namespace sluice::stream::test {

/// A store for tests: keeps no bytes, but checks every promise of TimelineSink. What is broken becomes a line of text.
class StoreModel final : public TimelineSink {
 public:
  struct Part {
    Ticks dts{};
    Ticks duration{};
    Ticks last_frame{};   ///< duration of its last frame
    Ticks first_frame{};  ///< duration of its first frame
    std::size_t frames = 0;
    std::size_t bytes = 0;
    bool random_access = false;
    bool gap_before = false;
    SteadyTime arrival{};  ///< of its last frame
    SteadyTime closed{};   ///< `now` when it was told
  };
  struct TrackSegment {
    std::vector<Part> parts;
    bool complete = false;

    [[nodiscard]] Ticks duration() const;
    [[nodiscard]] std::size_t bytes() const;
  };
  struct Segment {
    std::uint64_t number = 0;
    std::shared_ptr<const Run> run;
    Ticks dts{};
    Ticks duration{};
    bool begins_run = false;
    bool complete = false;
    std::optional<UtcTime> utc;
    UtcTime captured{};  ///< `captured` when it began
    SteadyTime began{};  ///< `now` when it began
    SteadyTime ended{};  ///< `now` when it was complete
    std::vector<TrackSegment> tracks;
  };

  explicit StoreModel(std::size_t segment_bytes = TimelineOptions{}.segment_bytes) : segment_bytes_(segment_bytes) {}

  /// The virtual time, and when the frame being pushed was captured: set by whoever pushes.
  SteadyTime now{};
  UtcTime captured{};
  /// Keep what is complete for the test to look at.
  bool keep = true;

  /// After Timeline::flush(): nothing is left over, and everything adds up.
  void finish(const TimelineCounters& counters, std::uint64_t pushed);
  /// The first promises that were broken; empty is good.
  [[nodiscard]] std::string broken() const;

  [[nodiscard]] const std::vector<Segment>& segments() const { return done_; }
  [[nodiscard]] std::optional<std::chrono::seconds> target_duration() const { return target_duration_; }
  [[nodiscard]] std::optional<Ticks> part_target() const { return part_target_; }
  [[nodiscard]] std::size_t runs() const { return runs_; }
  [[nodiscard]] std::size_t most_open() const { return most_open_; }
  /// The largest difference of a segment's UTC from when it was captured, of segments begun since the last call.
  [[nodiscard]] std::chrono::microseconds utc_error();
  /// All parts of a track over all segments that are complete.
  [[nodiscard]] std::vector<Part> parts(std::uint32_t track) const;

  // TimelineSink
  void on_run(std::shared_ptr<const Run> run) override;
  void on_frame(const media::Frame& frame) override;
  void on_segment(std::uint64_t number, Ticks dts, bool begins_run) override;
  void on_segment_utc(std::uint64_t number, UtcTime utc) override;
  void on_part(std::uint64_t number, std::uint32_t track, std::span<const media::Frame> frames,
               bool gap_before) override;
  void on_track_complete(std::uint64_t number, std::uint32_t track) override;
  void on_segment_complete(std::uint64_t number, Ticks duration) override;
  void on_targets(std::chrono::seconds target_duration, Ticks part_target) override;

 private:
  struct FrameSeen {
    Ticks dts{};
    Ticks pts{};
    const void* payload = nullptr;
  };

  template <class... Args>
  void expect(bool condition, const char* what, Args... args);
  Segment* find(std::uint64_t number);
  void check_frame(const media::Frame& frame, const media::Track& track);
  void check_segment(const Segment& segment);
  void check_parts(const Segment& segment, std::uint32_t track);
  void retire();

  const std::size_t segment_bytes_;
  std::vector<std::string> broken_;
  std::shared_ptr<const Run> run_;
  std::size_t runs_ = 0;
  bool run_is_new_ = false;
  std::optional<std::uint64_t> last_discontinuity_;  // of a run with segments
  std::deque<Segment> open_;                         // not complete, or without UTC or targets
  std::vector<Segment> done_;
  std::optional<std::uint64_t> last_number_;
  std::optional<std::uint64_t> last_told_;
  std::optional<std::uint64_t> last_complete_;
  std::optional<Ticks> last_segment_dts_;
  std::optional<UtcTime> last_utc_;
  std::chrono::microseconds utc_error_{};
  std::map<std::string, Ticks> ends_;                       // by track id
  std::map<std::uint32_t, std::deque<FrameSeen>> waiting_;  // told by on_frame, in no part yet
  std::optional<std::chrono::seconds> target_duration_;
  std::optional<Ticks> part_target_;
  std::uint64_t frames_ = 0;
  std::uint64_t dependent_ = 0;
  std::uint64_t gaps_ = 0;
  std::size_t most_open_ = 0;
};

}  // namespace sluice::stream::test
