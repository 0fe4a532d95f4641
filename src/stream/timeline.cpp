#include "stream/timeline.hpp"

#include <algorithm>
#include <chrono>

#include "core/assert.hpp"

namespace sluice::stream {
namespace {

using media::Content;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Ticks ticks(milliseconds d) { return std::chrono::duration_cast<Ticks>(d); }

constexpr auto kGopWait = ticks(seconds(30));         // for the first two GOPs, and for any keyframe before that
constexpr auto kVideoWait = ticks(seconds(10));       // for the first keyframe of a video that sends frames
constexpr auto kSilentVideoWait = ticks(seconds(1));  // for the first frame of a video that was announced
constexpr auto kLeaderLag = ticks(seconds(2));        // how long a track waits at a border for the leader
constexpr auto kHole = ticks(seconds(2));             // of the whole stream: what comes after it is a new run
constexpr auto kStalled = milliseconds(500);          // without a frame, a track is not waited for
constexpr auto kAudioLag = seconds(2);                // behind the leader, in arrival
// What a track may last longer than TARGETDURATION where it does not lead: EXTINF is rounded to the nearest second.
constexpr auto kFollowSlack = ticks(milliseconds(400));
constexpr std::size_t kMostOpen = 8;  // segments that are not complete

bool is_sparse(Content content) { return content == Content::text || content == Content::data; }

bool has_parts(const media::Tracks& tracks) {
  return std::ranges::any_of(tracks, [](const media::Track& t) { return !is_sparse(t.content()); });
}

}  // namespace

Timeline::Timeline(TimelineOptions options, const WallClock& clock, TimelineSink& sink)
    : clock_(clock),
      sink_(sink),
      options_(options),
      targets_(options.segment_duration, options.chunk_duration),
      next_number_(options.first_number),
      next_discontinuity_(options.first_discontinuity) {}

// --- runs ---------------------------------------------------------------------------------------------------------

void Timeline::begin_run(media::Tracks tracks, bool same_source, SteadyTime) {
  SLUICE_ASSERT(!tracks.empty(), "a run without tracks");
  // Several changes before the next frame are one change; another source in between is another source.
  pending_same_source_ = same_source && map_ && (!pending_tracks_ || pending_same_source_);
  pending_tracks_ = std::move(tracks);
}

void Timeline::open_run(const media::Frame& first) {
  close_run();
  if (!pending_same_source_) {
    leave_source();
    // A new source goes on where the stream ended, as much later as its first frame came.
    const auto passed = to_ticks(std::max(first.arrival - stream_arrival_, SteadyTime::duration::zero()));
    offset_ = (stream_end_ ? *stream_end_ + passed : Ticks(0)) - first.dts;
    map_.emplace();
  } else {
    map_->begin_run();
  }
  auto run = std::make_shared<Run>();
  run->id = next_run_++;
  run->discontinuity = next_discontinuity_;
  run->tracks = *std::exchange(pending_tracks_, std::nullopt);
  run_ = run;
  tracks_.clear();
  for (const media::Track& track : run_->tracks) {
    const auto former = ends_.find(track.id);
    auto end = former == ends_.end() ? std::nullopt : std::optional(former->second);
    if (!pending_same_source_ && !is_sparse(track.content())) end = stream_end_;
    tracks_.push_back({.cutter = TrackCutter(track, end)});
  }
  leader_ = 0;
  for (std::uint32_t i = 1; i < tracks_.size(); ++i) {
    if (rank(i) < rank(leader_)) leader_ = i;
  }
  leader_seen_ = false;
  run_first_.reset();
  targets_.restart();
  sink_.on_run(run_);
}

/// The same tracks, but the map to UTC or the stamps do not go on as they were.
void Timeline::continue_in_new_run(const media::Frame& first) {
  pending_tracks_ = run_->tracks;
  pending_same_source_ = true;
  const auto leader = leader_;
  open_run(first);
  leader_ = leader;
}

void Timeline::close_run() {
  if (!running_) return;
  running_ = false;
  const std::uint64_t behind_all = segments_.back().number + 1;
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    move_to(i, behind_all, Ticks::max());
    if (tracks_[i].cutter.end()) ends_[run_->tracks[i].id] = *tracks_[i].cutter.end();
  }
  leave(segments_.back());
  for (const OpenSegment& segment : segments_) sink_.on_segment_complete(segment.number, segment.duration);
  segments_.clear();
}

/// What the feeding source told of UTC is all that will be known.
void Timeline::leave_source() {
  if (!map_) return;
  map_->settle();
  tell_utc(true);
  if (stream_end_ && utc_floor_) utc_floor_ = std::max(*utc_floor_, map_->at(*stream_end_));
  map_.reset();
}

void Timeline::flush() {
  if (running_) {
    fix_part_target();
    // A source that left within its first GOP says nothing about the next one's.
    const Ticks length = tracks_[leader_].cutter.end().value_or(segments_.back().dts) - segments_.back().dts;
    if (targets_.gop() > Ticks(0) || length >= ticks(options_.segment_duration)) fix_target_duration();
  }
  close_run();
  leave_source();
  if (run_ && !pending_tracks_) pending_tracks_ = run_->tracks;
  pending_same_source_ = false;
}

/// Whether `frame` is of another run, because of a hole in the whole stream or because its UTC does not follow from
/// what came before.
bool Timeline::wants_new_run(const media::Frame& frame) const {
  if (!running_ || tracks_[frame.track].cutter.sparse() || !stream_end_) return false;
  const Ticks hole = frame.dts - *stream_end_;
  if (hole > cap()) return true;
  if (frame.track != leader_ || !frame.random_access) return false;
  return hole > kHole || map_->wrong() || (map_->doubtful() && border_at(frame.dts, frame.pts));
}

/// Whether `frame` is the place to begin a run's first segment at.
bool Timeline::may_start(const media::Frame& frame) {
  if (tracks_[frame.track].cutter.sparse() && frame.track != leader_) return false;
  if (!run_first_) run_first_ = frame.dts;
  leader_seen_ = leader_seen_ || frame.track == leader_;
  if (!frame.random_access) return false;
  if (frame.track == leader_) return true;
  // The video that was announced does not come, or comes without a keyframe: begin with what there is.
  return frame.dts - *run_first_ >= (leader_seen_ ? kVideoWait : kSilentVideoWait);
}

/// The leader is the track with the lowest rank that is alive: video, then audio, then the rest.
std::uint32_t Timeline::rank(std::uint32_t index) const {
  const auto of = static_cast<std::uint32_t>(tracks_.size());
  const Content content = run_->tracks[index].content();
  return index + (content == Content::video ? 0 : content == Content::audio ? of : 2 * of);
}

// --- frames -------------------------------------------------------------------------------------------------------

void Timeline::push(media::Frame frame) {
  SLUICE_ASSERT(run_ != nullptr || pending_tracks_, "a frame before its run");
  if (!take(std::move(frame))) ++counters_.dropped;
}

/// Gives the frame its place, segment and part. False: it has none.
bool Timeline::take(media::Frame frame) {
  const media::Tracks& tracks = pending_tracks_ ? *pending_tracks_ : run_->tracks;
  if (frame.track >= tracks.size() || frame.payload.size() > options_.segment_bytes) return false;
  const Content content = tracks[frame.track].content();
  if (pending_tracks_) {
    if (is_sparse(content) && has_parts(tracks)) return false;  // its stamps may be far from now
    open_run(frame);
  }
  if (content != Content::video) frame.random_access = true;
  frame.dts += offset_;
  frame.pts += offset_;
  observe(frame);
  if (wants_new_run(frame)) continue_in_new_run(frame);
  if (!running_ && !may_start(frame)) return false;

  Track& track = tracks_[frame.track];
  track.started = track.started || frame.random_access;
  if (!track.started) return false;
  const auto place = track.cutter.place(frame);
  if (place == TrackCutter::Place::none) return false;
  if (place == TrackCutter::Place::behind) ++counters_.moved;

  if (!running_) {
    running_ = true;
    leader_ = frame.track;
    begin_segment(frame.dts, frame.arrival);
    targets_.learn(frame.dts, true);
  } else if (frame.track == leader_) {
    lead(frame);
  } else {
    follow(frame);
  }
  if (!track.begin) track.begin = frame.dts;
  track.bytes += frame.payload.size();
  track.last_arrival = frame.arrival;
  if (!track.cutter.sparse()) {
    const Ticks end = frame.dts + frame.duration;
    stream_end_ = std::max(stream_end_.value_or(end), end);
    if (frame.arrival - stream_arrival_ > kStalled) awake_ = frame.arrival;
    stream_arrival_ = frame.arrival;
  }
  ++counters_.frames;
  sink_.on_frame(frame);
  const auto index = frame.track;
  const auto now = frame.arrival;
  track.cutter.add(std::move(frame));
  cut_parts(index);
  complete_segments(now);
  tell_utc(false);
  return true;
}

/// Learns when media time was.
void Timeline::observe(const media::Frame& frame) {
  if (tracks_[frame.track].cutter.sparse() && has_parts(run_->tracks)) return;
  const bool was_settled = map_->settled();
  map_->observe(frame.dts, clock_.at(frame.arrival), frame.utc);
  if (!was_settled && map_->settled() && running_) next_grid_ = grid_after(segments_.back().dts);
}

void Timeline::cut_parts(std::uint32_t index) {
  TrackCutter& cutter = tracks_[index].cutter;
  if (!targets_.part() && !cutter.sparse()) return;
  while (true) {
    const auto frames = cutter.part({.target = targets_.part().value_or(Ticks(0)), .latest = latest_end(index)});
    if (frames.empty()) return;
    put_part(index, frames);
  }
}

void Timeline::put_part(std::uint32_t index, std::span<const media::Frame> frames) {
  Track& track = tracks_[index];
  const bool gap = track.cutter.gap_before();
  if (gap) ++counters_.gaps;
  if (track.parts++ == 0 && !frames[0].random_access) ++counters_.dependent;
  sink_.on_part(track.segment, index, frames, gap);
  track.cutter.take(frames.size());
}

// --- segments -----------------------------------------------------------------------------------------------------

void Timeline::lead(const media::Frame& frame) {
  targets_.learn(frame.dts, frame.random_access);
  if (targets_.learned()) {
    fix_part_target();
    fix_target_duration();
  }
  if ((frame.random_access && border_at(frame.dts, frame.pts)) || over_cap(frame)) {
    begin_segment(frame.dts, frame.arrival);
    if (forced_cut_ && frame.pts >= *forced_cut_) forced_cut_.reset();
  }
  release_held(frame.dts + frame.duration);
}

/// The leader has come to `end`: what tracks hold before it is free, what they hold behind it waits on.
void Timeline::release_held(Ticks end) {
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    TrackCutter& cutter = tracks_[i].cutter;
    if (!cutter.held() || *cutter.held() >= end) continue;
    cutter.release();
    for (const media::Frame& frame : cutter.waiting()) {
      const Ticks half = frame.duration / 2;
      if (!frame.random_access || frame.dts + half < end || !border_at(frame.dts + half, frame.pts + half)) continue;
      cutter.hold(frame.dts);
      break;
    }
    cut_parts(i);
  }
}

/// A track that does not lead: goes on to segments that the leader has begun.
void Timeline::follow(const media::Frame& frame) {
  Track& track = tracks_[frame.track];
  const bool video = track.cutter.content() == Content::video;
  const OpenSegment* next = nullptr;
  for (const OpenSegment& segment : segments_) {
    const bool reached = frame.random_access && frame.dts + frame.duration / 2 >= segment.dts;
    if (segment.number > track.segment && reached) next = &segment;
  }
  if (next != nullptr) {
    if (video && frame.dts > next->dts + frame.duration) ++counters_.unaligned;
    move_to(frame.track, next->number, frame.dts);
  }
  const OpenSegment& newest = segments_.back();
  if (track.segment == newest.number) {
    if (!track.cutter.sparse() && frame.random_access && rank(frame.track) < rank(leader_)) {
      leader_ = frame.track;
      targets_.restart();
      return lead(frame);
    }
    if (!over_cap(frame)) return wait_at_border(frame);
    if (!track.cutter.sparse()) return take_lead(frame);
    begin_segment(tracks_[leader_].cutter.end().value_or(newest.dts), frame.arrival);
    return move_to(frame.track, segments_.back().number, frame.dts);
  }
  // It had no keyframe where the leader cut.
  const auto second = track.segment + 2;
  const bool far_behind = second <= newest.number && frame.dts >= segments_[second - segments_.front().number].dts;
  if (far_behind || over_cap(frame)) move_to(frame.track, track.segment + 1, frame.dts);
}

/// Where the leader is about to cut, frames that are ahead of it are not put into parts before it has come there.
void Timeline::wait_at_border(const media::Frame& frame) {
  TrackCutter& cutter = tracks_[frame.track].cutter;
  const TrackCutter& leader = tracks_[leader_].cutter;
  if (cutter.sparse()) return;
  const Ticks half = frame.duration / 2;
  if (!cutter.held()) {
    const bool ahead = frame.dts + half >= leader.end().value_or(frame.dts);
    if (ahead && frame.random_access && border_at(frame.dts + half, frame.pts + half)) cutter.hold(frame.dts);
  } else if (frame.dts - *cutter.held() > std::max(kLeaderLag, 2 * leader.interval())) {
    take_lead(frame);
  }
}

/// The leader does not come: the track of `frame` cuts, where it began to wait for it.
void Timeline::take_lead(const media::Frame& frame) {
  const auto border = tracks_[frame.track].cutter.held();
  leader_ = frame.track;
  targets_.restart();
  begin_segment(border.value_or(frame.dts), frame.arrival);
  if (border) lead(frame);
}

bool Timeline::border_at(Ticks dts, Ticks pts) const {
  if (dts >= next_grid_ || (forced_cut_ && pts >= *forced_cut_)) return true;
  return dts + targets_.gop() - segments_.back().dts > cap();
}

/// With `frame`, its track's segment would be too long or too big.
bool Timeline::over_cap(const media::Frame& frame) const {
  const Track& track = tracks_[frame.track];
  if (!track.begin) return false;
  if (track.bytes + frame.payload.size() > options_.segment_bytes) return true;
  if (track.cutter.sparse()) return false;
  const bool leads = frame.track == leader_;
  const Ticks latest = leads ? std::min(*track.begin, segments_.back().dts) + cap() : latest_end(frame.track);
  return frame.dts + frame.duration > latest;
}

/// Where what a track has in its segment ends at the latest.
Ticks Timeline::latest_end(std::uint32_t index) const {
  const Track& track = tracks_[index];
  return track.begin ? *track.begin + cap() + kFollowSlack : Ticks::max();
}

Ticks Timeline::cap() const {
  return targets_.segment() ? std::chrono::duration_cast<Ticks>(*targets_.segment()) : kGopWait;
}

Ticks Timeline::grid_after(Ticks dts) const {
  const auto utc = map_->at(dts).time_since_epoch();
  const auto step = std::chrono::duration_cast<microseconds>(options_.segment_duration);
  const auto next = (utc / step + 1) * step;
  return dts + to_ticks(next - utc);
}

void Timeline::begin_segment(Ticks dts, SteadyTime now) {
  if (last_segment_dts_) dts = std::max(dts, *last_segment_dts_ + Ticks(1));
  last_segment_dts_ = dts;
  if (!first_segment_dts_) first_segment_dts_ = dts;
  const bool begins_run = segments_.empty();
  const std::uint64_t number = next_number_++;
  if (begins_run) {
    ++next_discontinuity_;
  } else {
    fix_part_target();
    segments_.back().ended = now;
    map_->slew(dts - segments_.back().dts);
  }
  segments_.push_back({.number = number, .dts = dts});
  untold_.push_back({.number = number, .dts = dts, .arrival = clock_.at(now)});
  next_grid_ = grid_after(dts);
  sink_.on_segment(number, dts, begins_run);
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    if (begins_run) {
      tracks_[i].segment = number;
    } else if (i == leader_) {
      move_to(i, number, dts);
    } else {
      follow_into(i, segments_.back());
    }
  }
  if (begins_run) return;
  leave(segments_[segments_.size() - 2]);
  if (dts - *first_segment_dts_ >= kGopWait) fix_target_duration();
}

/// The leader's frames in `segment` are all in parts.
void Timeline::leave(OpenSegment& segment) {
  const Ticks end = tracks_[leader_].cutter.parts_end().value_or(segment.dts);
  segment.duration = std::clamp(end - segment.dts, Ticks(0), cap());
  longest_ = std::max(longest_, segment.duration);
}

/// What a track has waiting behind the border of `segment`, which begins now, already belongs to it.
void Timeline::follow_into(std::uint32_t index, const OpenSegment& segment) {
  Track& track = tracks_[index];
  const auto waiting = track.cutter.waiting();
  const auto at = std::ranges::find_if(waiting, [&](const media::Frame& frame) {
    return frame.random_access && frame.dts + frame.duration / 2 >= segment.dts;
  });
  if (at != waiting.end() && track.segment + 1 == segment.number) move_to(index, segment.number, at->dts);
  track.cutter.release();
}

/// Closes the track's segments before `number`, with what waits before `from`.
void Timeline::move_to(std::uint32_t index, std::uint64_t number, Ticks from) {
  Track& track = tracks_[index];
  fix_part_target();
  while (true) {
    const auto frames = track.cutter.last_part({.target = *targets_.part(), .latest = latest_end(index)}, from);
    if (frames.empty()) break;
    put_part(index, frames);
  }
  if (track.parts > 0 && !track.cutter.sparse())
    longest_ = std::max(longest_, *track.cutter.parts_end() - *track.begin);
  for (; track.segment < number; ++track.segment) sink_.on_track_complete(track.segment, index);
  const auto waiting = track.cutter.waiting();
  track.parts = 0;
  track.begin = waiting.empty() ? std::nullopt : std::optional(waiting.front().dts);
  track.bytes = 0;
  for (const media::Frame& frame : waiting) track.bytes += frame.payload.size();
  track.cutter.release();
}

void Timeline::complete_segments(SteadyTime now) {
  while (segments_.size() > 1) {
    const OpenSegment& segment = segments_.front();
    const OpenSegment& next = segments_[1];
    bool complete = true;
    for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
      if (tracks_[i].segment >= next.number) continue;
      if (gives_up(tracks_[i], segment, now)) {
        move_to(i, next.number, next.dts);
      } else {
        complete = false;
      }
    }
    if (!complete) return;
    sink_.on_segment_complete(segment.number, segment.duration);
    segments_.pop_front();
  }
}

/// Whether `segment`, which the leader has left, waits no longer for a track that has not.
bool Timeline::gives_up(const Track& track, const OpenSegment& segment, SteadyTime now) const {
  if (track.cutter.sparse() || segments_.size() > kMostOpen) return true;
  const Ticks patience = std::max(ticks(kStalled), 2 * track.cutter.interval());
  const auto silent = now - std::max(track.last_arrival, awake_);
  if (silent > std::chrono::duration_cast<SteadyTime::duration>(patience)) return true;
  const auto behind = now - segment.ended;
  return behind > (track.cutter.content() == Content::audio ? kAudioLag : std::chrono::ceil<seconds>(cap()));
}

void Timeline::cut(Ticks pts) { forced_cut_ = pts; }

std::vector<media::Frame> Timeline::open_frames() const {
  std::vector<media::Frame> out;
  for (const Track& track : tracks_) {
    const auto waiting = track.cutter.waiting();
    out.insert(out.end(), waiting.begin(), waiting.end());
  }
  return out;
}

void Timeline::tell_utc(bool all) {
  while (!untold_.empty()) {
    const UntoldSegment segment = untold_.front();
    if (!all && !map_->vouches_for(segment.dts, segment.arrival)) return;
    untold_.pop_front();
    if (utc_floor_) map_->keep_after(segment.dts, *utc_floor_);
    const UtcTime utc = map_->at(segment.dts);
    utc_floor_ = utc + milliseconds(1);
    sink_.on_segment_utc(segment.number, utc);
  }
}

// --- targets ------------------------------------------------------------------------------------------------------

void Timeline::fix_part_target() {
  if (targets_.part()) return;
  std::vector<Ticks> intervals;
  for (const Track& track : tracks_) {
    if (!track.cutter.sparse()) intervals.push_back(track.cutter.interval());
  }
  targets_.fix_part(tracks_[leader_].cutter.interval(), intervals);
  if (targets_.segment()) sink_.on_targets(*targets_.segment(), *targets_.part());
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) cut_parts(i);
}

void Timeline::fix_target_duration() {
  if (targets_.segment()) return;
  Ticks longest = longest_;
  for (const Track& track : tracks_) {
    if (!track.cutter.sparse() && track.begin) longest = std::max(longest, *track.cutter.end() - *track.begin);
  }
  targets_.fix_segment(longest);
  if (targets_.part()) sink_.on_targets(*targets_.segment(), *targets_.part());
}

}  // namespace sluice::stream
