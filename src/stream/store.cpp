#include "stream/store.hpp"

#include <algorithm>
#include <atomic>

#include "core/assert.hpp"
#include "format/mp4/fragment.hpp"
#include "format/mp4/init.hpp"
#include "format/webvtt/sample.hpp"
#include "stream/pin_budget.hpp"
#include "stream/stored_frames.hpp"

namespace sluice::stream {
namespace {

std::string_view text_of(const media::Frame& frame) { return as_text(frame.payload.view()); }

/// What stands in the store for a frame: its payload, or for text the sample that wraps it.
Payload stored_payload(const media::Track& track, const media::Frame& frame) {
  if (track.content() != media::Content::text) return frame.payload;
  const webvtt::Cue cue{.start = frame.pts, .end = frame.pts + frame.duration, .text = std::string(text_of(frame))};
  return Payload::own(webvtt::write_sample(std::span(&cue, 1)));
}

std::vector<mp4::Sample> samples_of(const media::Track& track, std::span<const media::Frame> frames,
                                    std::span<const Payload> payloads) {
  const auto rate = track.timescale();
  std::vector<mp4::Sample> samples;
  samples.reserve(frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto begin = to_rate(frames[i].dts, rate);
    samples.push_back(
        {.duration = static_cast<std::uint32_t>(to_rate(frames[i].dts + frames[i].duration, rate) - begin),
         .size = static_cast<std::uint32_t>(payloads[i].size()),
         .composition_offset = static_cast<std::int32_t>(to_rate(frames[i].pts, rate) - begin),
         .sync = frames[i].random_access,
         .disposable = frames[i].disposable});
  }
  return samples;
}

}  // namespace

/// The track logs of a stream, and which of their bytes are whose. Outlives the store while leases do.
class Store::Logs {
 public:
  explicit Logs(Arena& arena) : arena_(arena) {}

  void begin_segment(std::uint64_t number, std::weak_ptr<const Recall> holder) {
    spans_.push_back({.number = number, .holder = std::move(holder)});
  }

  /// Segment `number` is kept no longer: who still holds it pins it. What was pinned before may be too much by now.
  void leave(std::uint64_t number) {
    std::vector<Pin> pins;
    std::uint64_t kept = 0;
    for (const Span& span : spans_) {
      if (span.kept) {
        kept += span.held();
      } else {
        pins.push_back({.bytes = span.held(), .holder = span.holder});
      }
    }
    enforce_pin_budget(pins, kept);
    span_of(number).kept = false;
  }

  /// Appends a part of a track of segment `number`. Nothing: there is no room for it.
  std::optional<std::array<Range, 2>> append(std::uint64_t number, std::uint32_t track, std::span<const BytesView> in) {
    std::size_t size = 0;
    for (const BytesView piece : in) size += piece.size();
    Extent* extent = extent_for(span_of(number), track, size);
    if (extent == nullptr) return {};
    ByteLog& log = *extent->log;
    const auto at = log.end();
    for (const BytesView piece : in) SLUICE_ASSERT(log.append(piece), "the room was checked");
    extent->end = log.end();
    return log.ranges(at, size);
  }

  /// Nobody holds segment `number` any more: its pages go back, whoever still holds those of older ones.
  void release(std::uint64_t number) {
    const auto span = std::ranges::find(spans_, number, &Span::number);
    SLUICE_ASSERT(span != spans_.end(), "a segment released twice");
    const auto extents = std::move(span->extents);
    spans_.erase(span);
    for (const Extent& extent : extents) {
      if (extent.end == extent.log->end()) extent.log->begin_page();
      const auto oldest = oldest_in(*extent.log);
      if (oldest < extent.begin) {
        extent.log->punch(extent.begin, Arena::page_up(extent.end));
      } else {
        extent.log->release_to(oldest);
      }
    }
  }

  /// Memory of all segments that somebody holds.
  [[nodiscard]] std::uint64_t held() const {
    std::uint64_t sum = 0;
    for (const Span& span : spans_) sum += span.held();
    return sum;
  }
  /// Of those that are not kept.
  [[nodiscard]] std::uint64_t pinned() const {
    std::uint64_t sum = 0;
    for (const Span& span : spans_) sum += span.kept ? 0 : span.held();
    return sum;
  }
  void on_cut() { cut_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t cut() const { return cut_.load(std::memory_order_relaxed); }

  std::uint32_t next_sequence(std::uint32_t track) {
    if (sequences_.size() <= track) sequences_.resize(track + 1);
    return ++sequences_[track];
  }

 private:
  /// What a segment has of a track, in whole pages; in two logs where the first became full.
  struct Extent {
    std::uint32_t track = 0;
    std::shared_ptr<ByteLog> log;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  struct Span {
    std::uint64_t number = 0;
    std::weak_ptr<const Recall> holder;
    bool kept = true;
    std::vector<Extent> extents;

    [[nodiscard]] std::uint64_t held() const {
      std::uint64_t sum = 0;
      for (const Extent& extent : extents) sum += Arena::page_up(extent.end) - extent.begin;
      return sum;
    }
  };

  Span& span_of(std::uint64_t number) {
    const auto span = std::ranges::find(spans_, number, &Span::number);
    SLUICE_ASSERT(span != spans_.end(), "a part of a segment that was released");
    return *span;
  }

  /// Where `size` more bytes of the track go; null where there is no room.
  Extent* extent_for(Span& span, std::uint32_t track, std::size_t size) {
    if (tracks_.size() <= track) tracks_.resize(track + 1);
    std::shared_ptr<ByteLog>& log = tracks_[track];
    for (Extent& extent : span.extents) {
      if (extent.track == track && extent.log == log && size <= log->room()) return &extent;
    }
    if (log != nullptr) log->begin_page();
    if (log == nullptr || size > log->room()) {
      // A log is a ring: one segment that somebody holds for very long must not stop the stream. The full one stays
      // for as long as anything in it is held.
      auto made = ByteLog::create(arena_);
      if (!made || size > made->room()) return nullptr;
      log = std::make_shared<ByteLog>(std::move(*made));
    }
    span.extents.push_back({.track = track, .log = log, .begin = log->end(), .end = log->end()});
    return &span.extents.back();
  }

  [[nodiscard]] std::uint64_t oldest_in(const ByteLog& log) const {
    std::uint64_t oldest = log.end();
    for (const Span& span : spans_) {
      for (const Extent& extent : span.extents) {
        if (extent.log.get() == &log) oldest = std::min(oldest, extent.begin);
      }
    }
    return oldest;
  }

  Arena& arena_;
  std::vector<std::shared_ptr<ByteLog>> tracks_;  // the newest log of each
  std::vector<std::uint32_t> sequences_;          // of its newest fragment
  std::deque<Span> spans_;
  std::atomic<std::uint64_t> cut_ = 0;  // viewers, by whatever shard they are on
};

/// Keeps the bytes of one segment, wherever it is held; gives them back on the home shard.
class Store::Lease final : public Recall {
 public:
  Lease(Shard& home, std::shared_ptr<Logs> logs, std::uint64_t number)
      : home_(home), logs_(std::move(logs)), number_(number) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() override {
    if (Shard::current_or_null() == &home_) {
      logs_->release(number_);
    } else {
      home_.post([logs = std::move(logs_), number = number_] { logs->release(number); });
    }
  }

  void on_cut() const override { logs_->on_cut(); }

 private:
  Shard& home_;
  std::shared_ptr<Logs> logs_;
  std::uint64_t number_;
};

Store::Store(Shard& shard, const WallClock& clock, Options options)
    : shard_(shard), clock_(clock), logs_(std::make_shared<Logs>(shard.arena())), options_(options) {
  if (options_.former_generation == 0) return;
  Listing former;
  former.generation = options_.former_generation;
  listing_ = std::make_shared<const Listing>(std::move(former));
  changed_ = true;
}
Store::~Store() = default;

Store::Growing* Store::find(std::uint64_t number) {
  const auto it = std::ranges::find(growing_, number, [](const Growing& g) { return g.segment.number; });
  return it == growing_.end() ? nullptr : &*it;
}

void Store::on_run(std::shared_ptr<const Run> run) { run_ = std::move(run); }

void Store::on_segment(std::uint64_t number, Ticks dts, bool begins_run) {
  auto lease = std::make_shared<const Lease>(shard_, logs_, number);
  logs_->begin_segment(number, lease);
  Growing growing;
  growing.segment.number = number;
  growing.segment.run = run_;
  growing.segment.begins_run = begins_run;
  growing.segment.dts = dts;
  growing.segment.tracks.resize(run_->tracks.size());
  growing.segment.recall = lease.get();
  growing.segment.lease = std::move(lease);
  growing_.push_back(std::move(growing));
}

void Store::on_segment_utc(std::uint64_t number, UtcTime utc) {
  Growing* growing = find(number);
  SLUICE_ASSERT(growing != nullptr, "UTC for a segment that is not kept");
  growing->segment.utc = utc;
  growing->has_utc = true;
  growing->snapshot.reset();
  changed_ = true;
  drop_old();
}

void Store::on_part(std::uint64_t number, std::uint32_t track, std::span<const media::Frame> frames, bool gap_before) {
  Growing* growing = find(number);
  SLUICE_ASSERT(growing != nullptr, "a part of a segment that is not kept");
  const media::Track& info = growing->segment.run->tracks[track];
  if (!mp4::carries(*info.codec)) return;
  // MP4 has no stamps below 0: what a track has before the stream's first frame is left out.
  if (frames[0].dts < Ticks(0) || frames.size() > mp4::kMaxSamples) {
    ++lost_parts_;
    return;
  }
  std::vector<Payload> payloads;
  for (const media::Frame& frame : frames) payloads.push_back(stored_payload(info, frame));
  const auto samples = samples_of(info, frames, payloads);

  const auto sequence = logs_->next_sequence(track);
  Bytes head;
  ByteWriter writer(head);
  mp4::write_fragment_header(writer,
                             {.track_id = track + 1,
                              .sequence_number = sequence,
                              .base_decode_time = to_rate(frames[0].dts, info.timescale()),
                              .utc = clock_.at(frames[0].arrival)},
                             samples);
  std::vector<BytesView> pieces{head};
  for (const Payload& payload : payloads) pieces.push_back(payload.view());
  const auto ranges = logs_->append(number, track, pieces);
  if (!ranges) {
    ++lost_parts_;
    return;
  }
  TrackSegment& to = growing->segment.tracks[track];
  const Part part{.dts = frames[0].dts,
                  .duration = frames.back().dts + frames.back().duration - frames[0].dts,
                  .independent = frames[0].random_access,
                  .gap_before = gap_before,
                  .sequence = sequence,
                  .ranges = *ranges};
  if (to.parts.empty()) to.dependent = !part.independent;
  to.size += part.size();
  to.frames += static_cast<std::uint32_t>(frames.size());
  to.parts.push_back(part);
  growing->segment.duration = std::max(growing->segment.duration, to.end() - growing->segment.dts);
  growing->snapshot.reset();
  changed_ = true;
}

void Store::on_track_complete(std::uint64_t number, std::uint32_t track) {
  if (Growing* growing = find(number)) {
    growing->segment.tracks[track].complete = true;
    growing->snapshot.reset();
    changed_ = true;
  }
}

void Store::on_segment_complete(std::uint64_t number, Ticks duration) {
  Growing* growing = find(number);
  SLUICE_ASSERT(growing != nullptr, "a segment completed twice");
  growing->segment.duration = duration;
  growing->segment.complete = true;
  growing->snapshot.reset();
  changed_ = true;
  drop_old();
}

void Store::on_targets(std::chrono::seconds target_duration, Ticks part_target) {
  target_duration_ = target_duration;
  part_target_ = part_target;
  changed_ = true;
  drop_old();
}

void Store::set_segment_count(std::uint32_t count) {
  if (count == options_.segment_count) return;
  options_.segment_count = count;
  drop_old();
  changed_ = true;
}

void Store::set_ended(bool ended) {
  changed_ = changed_ || ended_ != ended;
  ended_ = ended;
}

void Store::set_has_source(bool has_source) {
  changed_ = changed_ || has_source_ != has_source;
  has_source_ = has_source;
}

/// Names are unique and rise: two segments of one second differ in the duration field.
void Store::finish_name(Segment& segment) {
  const auto second = std::chrono::floor<std::chrono::seconds>(segment.utc);
  const auto ms = static_cast<std::uint32_t>(rescale(segment.duration.count(), 1000, 90'000));
  segment.name_ms = second == last_named_second_ ? std::max(ms, last_name_ms_ + 1) : ms;
  last_named_second_ = second;
  last_name_ms_ = segment.name_ms;
}

/// Moves what is complete and has its time to the complete ones, and forgets the oldest.
void Store::drop_old() {
  while (!growing_.empty() && growing_.front().segment.complete && growing_.front().has_utc) {
    finish_name(growing_.front().segment);
    completed_ += growing_.front().segment.duration;
    complete_.push_back({.segment = std::make_shared<const Segment>(std::move(growing_.front().segment))});
    growing_.pop_front();
  }
  if (target_duration_ == std::chrono::seconds(0)) {  // nothing was listed yet
    while (unlisted() > 1) forget_oldest();
    return;
  }
  for (const std::size_t first = unlisted(); first_listed_ < first; ++first_listed_) {
    Complete& leaving = complete_[first_listed_];
    leaving.until = completed_ + leaving.segment->duration + leaving.longest;
  }
  while (first_listed_ > 0 && complete_.front().until <= completed_) {
    forget_oldest();
    --first_listed_;
  }
}

void Store::forget_oldest() {
  logs_->leave(complete_.front().segment->number);
  complete_.pop_front();
}

/// How many of the complete segments, the oldest, are listed no more.
std::size_t Store::unlisted() const {
  constexpr Ticks kFrame{9000};  // segments of other tracks may be that much shorter than the leader's
  const Ticks least = options_.target_durations * std::chrono::duration_cast<Ticks>(target_duration_) + kFrame;
  const auto enough = [&](std::size_t count, Ticks duration) {
    return count >= options_.segment_count && (options_.target_durations == 0 || duration >= least);
  };
  Ticks listed{};
  std::size_t n = complete_.size();
  while (n > 0 && !enough(complete_.size() - n, listed)) listed += complete_[--n].segment->duration;
  return n;
}

std::shared_ptr<const Listing> Store::listing() {
  if (!changed_) return listing_;
  changed_ = false;
  auto listing = std::make_shared<Listing>();
  listing->generation = listing_->generation + 1;
  listing->live = true;
  listing->has_source = has_source_;
  listing->ended = ended_;
  if (target_duration_ != std::chrono::seconds(0)) {
    listing->target_duration = target_duration_;
    listing->part_target = part_target_;
    for (const Complete& complete : complete_) listing->segments.push_back(complete.segment);
    listing->first_listed = first_listed_;
    for (Growing& growing : growing_) {
      if (!growing.has_utc) break;
      if (!growing.snapshot) growing.snapshot = std::make_shared<const Segment>(growing.segment);
      listing->segments.push_back(growing.snapshot);
    }
    note_length(*listing);
  }
  listing_ = std::move(listing);
  return listing_;
}

/// For each segment the longest listing that has it, whatever of the newest ones is listed as whole.
void Store::note_length(const Listing& listing) {
  Ticks length{};
  for (std::size_t i = listing.first_listed; i < listing.segments.size(); ++i) length += listing.segments[i]->duration;
  for (std::size_t i = first_listed_; i < complete_.size(); ++i) {
    complete_[i].longest = std::max(complete_[i].longest, length);
  }
}

Ticks Store::listed_duration() const {
  Ticks sum{};
  for (std::size_t i = first_listed_; i < complete_.size(); ++i) sum += complete_[i].segment->duration;
  return sum;
}

std::uint64_t Store::held_bytes() const { return logs_->held(); }
std::uint64_t Store::pinned_bytes() const { return logs_->pinned(); }
std::uint64_t Store::cut() const { return logs_->cut(); }

std::vector<media::Frame> Store::frames_since(Ticks back) const {
  std::vector<const Segment*> segments;
  for (const Complete& complete : complete_) segments.push_back(complete.segment.get());
  for (const Growing& growing : growing_) segments.push_back(&growing.segment);
  std::erase_if(segments, [&](const Segment* s) { return s->run != run_; });
  if (segments.empty()) return {};
  const auto leads = std::ranges::find(run_->tracks, media::Content::video, &media::Track::content);
  const auto leader = leads == run_->tracks.end() ? 0 : static_cast<std::uint32_t>(leads - run_->tracks.begin());

  // The newest segments that reach back far enough, then the place in them.
  std::vector<media::Frame> frames;
  Ticks end{};
  for (const Segment* s : segments) end = std::max(end, s->tracks[leader].end());
  const auto too_new = [&](const Segment& s) {
    return s.dts > end - back || s.tracks[leader].parts.empty() || s.tracks[leader].dependent;
  };
  std::size_t first = segments.size() - 1;
  while (first > 0 && too_new(*segments[first])) --first;
  for (std::size_t i = first; i < segments.size(); ++i) {
    for (std::uint32_t track = 0; track < run_->tracks.size(); ++track) {
      const auto read = read_frames(*segments[i], track, frames);
      SLUICE_ASSERT(read.has_value(), "what was stored can be read back");
    }
  }
  std::ranges::sort(frames, {}, [](const media::Frame& f) { return std::pair(f.dts, f.track); });
  const auto starts = [&](const media::Frame& f) { return f.track == leader && f.random_access; };
  auto begin = std::ranges::find_if(frames, starts);
  for (auto it = begin; it != frames.end(); ++it) {
    if (starts(*it) && it->dts <= end - back) begin = it;
  }
  frames.erase(frames.begin(), begin);
  return frames;
}

}  // namespace sluice::stream
