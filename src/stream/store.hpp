#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/shard.hpp"
#include "stream/timeline.hpp"

namespace sluice::stream {

/// The CMAF form of a stream: a log for each track, in which parts are laid down as they close; a segment is its parts
/// in a row. Keeps the segments that are listed, those that were for as long as late clients may ask for them (RFC
/// 8216bis section 6.2.2: the segment's duration and that of the longest playlist that had it), and what somebody still
/// holds a lease on. Belongs to the stream's home shard; what it hands out may be read on any.
class Store final : public TimelineSink {
 public:
  struct Options {
    std::uint32_t segment_count = 4;      ///< complete segments in a listing
    std::uint32_t target_durations = 0;   ///< and at least so many target durations
    std::uint64_t former_generation = 0;  ///< of the listing that the first of this store replaces
  };

  /// `shard` and `clock` outlive this; leases may outlive it.
  Store(Shard& shard, const WallClock& clock, Options options);
  ~Store() override;

  /// The newest listing; made anew when something changed since the last call.
  std::shared_ptr<const Listing> listing();
  /// True when listing() would return something new.
  [[nodiscard]] bool changed() const { return changed_; }

  /// So many complete segments are listed from now on; a longer list grows with the next ones.
  void set_segment_count(std::uint32_t count);
  /// Nothing will be added any more, or again after all.
  void set_ended(bool ended);
  /// Whether somebody feeds the stream, or is about to.
  void set_has_source(bool has_source);

  /// The frames that are stored, from the newest random access frame of the leading track that is at least `back`
  /// before the end, in the order of their stamps. For flows that begin.
  [[nodiscard]] std::vector<media::Frame> frames_since(Ticks back) const;

  /// How long the complete segments are together that are listed.
  [[nodiscard]] Ticks listed_duration() const;
  /// Memory held for parts, in whole pages, by the store or by leases.
  [[nodiscard]] std::uint64_t held_bytes() const;
  /// Of these, what only leases keep: at most half of the rest, not counting what the store forgot last.
  [[nodiscard]] std::uint64_t pinned_bytes() const;
  /// Senders that gave up a segment because a viewer was too slow.
  [[nodiscard]] std::uint64_t cut() const;
  /// Parts that were left out: no room for them, or before the stream's time.
  [[nodiscard]] std::uint64_t lost_parts() const { return lost_parts_; }

  // TimelineSink
  void on_run(std::shared_ptr<const Run> run) override;
  void on_frame(const media::Frame&) override {}
  void on_segment(std::uint64_t number, Ticks dts, bool begins_run) override;
  void on_segment_utc(std::uint64_t number, UtcTime utc) override;
  void on_part(std::uint64_t number, std::uint32_t track, std::span<const media::Frame> frames,
               bool gap_before) override;
  void on_track_complete(std::uint64_t number, std::uint32_t track) override;
  void on_segment_complete(std::uint64_t number, Ticks duration) override;
  void on_targets(std::chrono::seconds target_duration, Ticks part_target) override;

 private:
  class Logs;
  class Lease;
  /// A segment that still grows, or has no UTC yet.
  struct Growing {
    Segment segment;
    bool has_utc = false;
    std::shared_ptr<const Segment> snapshot;  // of `segment`, until it changes
  };

  /// One that is listed, or was.
  struct Complete {
    std::shared_ptr<const Segment> segment;
    Ticks longest{};  ///< of the listings that had it
    Ticks until{};    ///< the value of completed_ until which it stays; once it is listed no more
  };

  Growing* find(std::uint64_t number);
  void finish_name(Segment& segment);
  void drop_old();
  void forget_oldest();
  void note_length(const Listing& listing);
  [[nodiscard]] std::size_t unlisted() const;

  // borrowed (outlives this)
  Shard& shard_;
  const WallClock& clock_;
  // owned
  std::shared_ptr<Logs> logs_;
  // state
  Options options_;
  std::shared_ptr<const Run> run_;
  std::deque<Complete> complete_;
  Ticks completed_{};             // duration of all segments that ever were complete
  std::size_t first_listed_ = 0;  // of complete_
  std::deque<Growing> growing_;
  std::shared_ptr<const Listing> listing_ = std::make_shared<const Listing>();
  bool changed_ = false;
  bool ended_ = false;
  bool has_source_ = false;
  std::chrono::seconds target_duration_{};
  Ticks part_target_{};
  std::chrono::sys_seconds last_named_second_{};
  std::uint32_t last_name_ms_ = 0;
  std::uint64_t lost_parts_ = 0;
};

}  // namespace sluice::stream
