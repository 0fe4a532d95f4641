#include "stream/timeline.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace sluice::stream {
namespace {

using media::Content;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Ticks ticks(std::chrono::milliseconds d) { return std::chrono::duration_cast<Ticks>(d); }

constexpr auto kLeastGap = ticks(milliseconds(10));
constexpr auto kPartSlack = ticks(milliseconds(2));   // PART-TARGET above the nominal part
constexpr auto kGopWait = ticks(seconds(30));         // for the first two GOPs, and for any keyframe before that
constexpr auto kVideoWait = ticks(seconds(10));       // for the first keyframe of a video that sends frames
constexpr auto kSilentVideoWait = ticks(seconds(1));  // for the first frame of a video that was announced
constexpr auto kLeaderLag = ticks(seconds(2));        // how far audio may be ahead before it leads
constexpr auto kStalled = milliseconds(500);          // without a frame, a track is not waited for
constexpr auto kDefaultInterval = ticks(milliseconds(40));
constexpr auto kLongestInterval = ticks(seconds(10));
constexpr std::size_t kIntervals = 6;

Ticks gap_threshold(Ticks interval) { return std::max(interval / 2, kLeastGap); }

bool waits_for_time(Content content) { return content == Content::audio; }
bool sparse(Content content) { return content == Content::text || content == Content::data; }

Ticks first_interval(const media::Track& track) {
  return track.details.fps > 0 ? Ticks(static_cast<std::int64_t>(90'000 / track.details.fps)) : kDefaultInterval;
}

std::uint32_t first_of(const media::Tracks& tracks, Content content) {
  for (std::uint32_t i = 0; i < tracks.size(); ++i) {
    if (tracks[i].content() == content) return i;
  }
  return static_cast<std::uint32_t>(tracks.size());
}

}  // namespace

Timeline::Timeline(TimelineOptions options, const WallClock& clock, TimelineSink& sink)
    : clock_(clock),
      sink_(sink),
      options_(options),
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
  const std::vector<TrackState> former = std::move(tracks_);
  const auto former_run = std::exchange(run_, nullptr);
  if (!pending_same_source_) {
    if (map_) map_->settle();
    tell_utc();
    // A new source goes on where the stream ended, as much later as its first frame came.
    const auto passed = to_ticks(std::max(first.arrival - stream_arrival_, SteadyTime::duration::zero()));
    offset_ = (stream_end_ ? *stream_end_ + passed : Ticks(0)) - first.dts;
    map_.emplace();
  }
  auto run = std::make_shared<Run>();
  run->id = next_run_++;
  run->discontinuity = next_discontinuity_++;
  run->tracks = std::move(*pending_tracks_);
  pending_tracks_.reset();
  run_ = run;
  tracks_.assign(run_->tracks.size(), {});
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    const bool continues = pending_same_source_ && i < former.size() && former_run->tracks[i].content() == content(i);
    tracks_[i].end = continues ? former[i].end : pending_same_source_ ? std::nullopt : stream_end_;
    tracks_[i].interval = first_interval(run_->tracks[i]);
  }
  const auto video = first_of(run_->tracks, Content::video);
  const auto audio = first_of(run_->tracks, Content::audio);
  leader_ = video < tracks_.size() ? video : audio < tracks_.size() ? audio : 0;
  leader_seen_ = false;
  run_first_.reset();
  sink_.on_run(run_);
}

void Timeline::close_run() {
  if (!running_) return;
  running_ = false;
  const std::uint64_t behind_all = segments_.back().number + 1;
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    tracks_[i].held.reset();
    move_to(i, behind_all, Ticks::max());
  }
  segments_.back().leader_end = tracks_[leader_].end.value_or(segments_.back().dts);
  for (const OpenSegment& segment : segments_) {
    sink_.on_segment_complete(segment.number, std::max(segment.leader_end - segment.dts, Ticks(0)));
  }
  segments_.clear();
}

void Timeline::flush() {
  const Ticks longest = segments_.empty() ? Ticks(0) : tracks_[leader_].end.value_or(Ticks(0)) - segments_.back().dts;
  if (running_ && !part_target_) fix_part_target();
  if (running_ && !target_duration_) fix_target_duration(longest);
  close_run();
  if (map_) map_->settle();
  tell_utc();
  map_.reset();
  if (run_ && !pending_tracks_) pending_tracks_ = run_->tracks;
  pending_same_source_ = false;
}

bool Timeline::start(const media::Frame& frame) {
  if (!run_first_) run_first_ = frame.dts;
  const bool leads = frame.track == leader_;
  leader_seen_ = leader_seen_ || leads;
  if (!leads) {
    // The video that was announced does not come, or comes without a keyframe: begin with what there is.
    const Ticks patience = leader_seen_ ? kVideoWait : kSilentVideoWait;
    if (content(frame.track) != Content::audio || frame.dts - *run_first_ < patience) return false;
    leader_ = frame.track;
  } else if (!frame.random_access) {
    return false;
  }
  running_ = true;
  begin_segment(std::max(frame.dts, tracks_[leader_].end.value_or(frame.dts)), frame.arrival);
  return true;
}

// --- frames -------------------------------------------------------------------------------------------------------

void Timeline::push(media::Frame frame) {
  if (pending_tracks_) open_run(frame);
  SLUICE_ASSERT(run_ != nullptr, "a frame before its run");
  if (frame.track >= tracks_.size()) return;
  frame.dts += offset_;
  frame.pts = std::max(frame.pts + offset_, frame.dts);

  map_->observe(frame.dts, clock_.at(frame.arrival), frame.utc);
  if (auto better = map_->replacement()) {
    pending_tracks_ = run_->tracks;
    pending_same_source_ = true;
    open_run(frame);
    map_ = better;
  }
  choose_leader(frame);
  if (!running_ && !start(frame)) {
    ++counters_.dropped;
    return;
  }
  TrackState& track = tracks_[frame.track];
  if (!place(track, frame)) {
    ++counters_.dropped;
    return;
  }
  if (frame.track == leader_) {
    lead(frame);
  } else {
    follow(frame);
  }
  track.interval = frame.duration;
  track.last_dts = frame.dts;
  track.end = frame.dts + frame.duration;
  track.last_arrival = frame.arrival;
  stream_end_ = std::max(stream_end_.value_or(*track.end), *track.end);
  stream_arrival_ = frame.arrival;
  const auto index = frame.track;
  ++counters_.frames;
  sink_.on_frame(frame);
  track.open.push_back(std::move(frame));
  close_parts(index);
  complete_segments(stream_arrival_);
  tell_utc();
}

/// Gives the frame a place behind the one before it, and a duration. False: there is no room for it.
bool Timeline::place(TrackState& track, media::Frame& frame) {
  const Content kind = content(frame.track);
  const auto index = frame.track;
  if (kind == Content::data) {
    if (track.end) frame.dts = std::max(frame.dts, *track.end);
    frame.pts = std::max(frame.pts, frame.dts);
    return true;
  }
  if (track.end && frame.dts < *track.end) {
    media::Frame* last = track.open.empty() ? nullptr : &track.open.back();
    if (kind == Content::audio) {
      // A whole audio frame too many is dropped, or sound would stay behind the picture for good.
      if (frame.dts + frame.duration / 2 < *track.end) return false;
    } else if (last != nullptr && frame.dts > last->dts) {
      last->duration = frame.dts - last->dts;  // it was a guess
      track.end = frame.dts;
    }
    if (frame.dts < *track.end) {
      if (*track.end - frame.dts > kPartSlack) ++counters_.moved;
      frame.dts = *track.end;
    }
  } else if (track.end && frame.dts > *track.end) {
    close_gap(track, index, frame);
  }
  if (kind == Content::video && track.end) {
    const Ticks interval = frame.dts - track.last_dts;
    if (interval > Ticks(0) && interval < kLongestInterval && track.last_arrival != SteadyTime{}) {
      track.interval = interval;
    }
  }
  if (frame.duration <= Ticks(0)) frame.duration = std::max(track.interval, Ticks(1));
  frame.pts = std::max(frame.pts, frame.dts);
  return true;
}

/// The frame comes later than the one before it ends: a picture stays until the next one, as far as its part allows;
/// what remains is a gap.
void Timeline::close_gap(TrackState& track, std::uint32_t index, const media::Frame& frame) {
  const Content kind = content(index);
  if (sparse(kind)) return;
  if (kind == Content::video && !track.open.empty()) {
    const Ticks room = part_target_ ? track.open.front().dts + *part_target_ : *track.end + kLongestInterval;
    track.end = std::max(*track.end, std::min(frame.dts, room));
    track.open.back().duration = *track.end - track.open.back().dts;
  }
  if (frame.dts == *track.end) return;
  if (part_target_) close_part(index, track.open.size());
  if (frame.dts - *track.end > gap_threshold(track.interval)) {
    ++counters_.gaps;
    if (track.open.empty()) track.gap_before = true;
  }
}

// --- parts --------------------------------------------------------------------------------------------------------

/// Closes what is a part already: when the next frame would exceed the target, or surely will.
void Timeline::close_parts(std::uint32_t index) {
  TrackState& track = tracks_[index];
  if (sparse(content(index))) return close_part(index, track.open.size());
  if (!part_target_) return;
  while (!track.open.empty()) {
    const Ticks begin = track.open.front().dts;
    std::size_t fit = 0;
    while (fit < track.open.size()) {
      const media::Frame& frame = track.open[fit];
      const bool joins = fit == 0 || (frame.dts == track.open[fit - 1].dts + track.open[fit - 1].duration &&
                                      frame.dts + frame.duration - begin <= *part_target_);
      if (!joins || (track.held && frame.dts >= *track.held)) break;
      ++fit;
    }
    if (fit == 0) return;
    if (fit == track.open.size()) {
      const media::Frame& last = track.open.back();
      const Ticks length = last.dts + last.duration - begin;
      if (length * 100 < *part_target_ * 85 || length + last.duration <= *part_target_) return;
    } else if (track.held && track.open[fit].dts >= *track.held) {
      return;
    }
    close_part(index, fit);
  }
}

void Timeline::close_part(std::uint32_t index, std::size_t count) {
  TrackState& track = tracks_[index];
  if (count == 0) return;
  const std::span<media::Frame> frames = std::span(track.open).first(count);
  if (part_target_ && frames[0].duration > *part_target_ && !sparse(content(index))) {
    frames[0].duration = *part_target_;  // a frame that lasts longer than a part may: the rest is a gap
  }
  sink_.on_part(track.segment, index, frames, track.gap_before);
  for (const media::Frame& frame : frames) track.segment_bytes += frame.payload.size();
  const Ticks end = frames.back().dts + frames.back().duration;
  track.gap_before = count < track.open.size() && track.open[count].dts - end > gap_threshold(track.interval);
  track.open.erase(track.open.begin(), track.open.begin() + static_cast<std::ptrdiff_t>(count));
}

// --- segments -----------------------------------------------------------------------------------------------------

void Timeline::choose_leader(const media::Frame& frame) {
  if (!running_ || frame.track == leader_) return;
  if (content(leader_) != Content::video && content(frame.track) == Content::video) {
    if (frame.random_access && frame.track == first_of(run_->tracks, Content::video)) leader_ = frame.track;
  } else if (content(leader_) == Content::video && content(frame.track) == Content::audio) {
    if (frame.dts > tracks_[leader_].end.value_or(frame.dts) + kLeaderLag) leader_ = frame.track;
  }
}

void Timeline::lead(const media::Frame& frame) {
  learn_targets(frame);
  if (frame.dts == segments_.back().dts) return;
  if (!cut_here(frame)) return;
  if (!frame.random_access) ++counters_.dependent;
  begin_segment(frame.dts, frame.arrival);
}

bool Timeline::cut_here(const media::Frame& frame) const {
  const OpenSegment& segment = segments_.back();
  if (frame.random_access) {
    if (forced_cut_ && frame.pts >= *forced_cut_) return true;
    if (frame.dts >= next_grid_) return true;
  }
  const Ticks cap = target_duration_ ? std::chrono::duration_cast<Ticks>(*target_duration_) : kGopWait;
  if (frame.dts + frame.duration - segment.dts > cap) return true;
  return std::ranges::any_of(tracks_, [&](const TrackState& t) {
    return t.segment == segment.number && t.segment_bytes + frame.payload.size() > options_.segment_bytes;
  });
}

Ticks Timeline::grid_after(Ticks dts) const {
  const auto utc = map_->at(dts).time_since_epoch();
  const auto step = std::chrono::duration_cast<std::chrono::microseconds>(options_.segment_duration);
  const auto next = (utc / step + 1) * step;
  return dts + to_ticks(next - utc);
}

void Timeline::begin_segment(Ticks dts, SteadyTime now) {
  const bool begins_run = segments_.empty();
  const std::uint64_t number = next_number_++;
  if (!begins_run) {
    if (!part_target_) fix_part_target();
    if (!target_duration_ && dts - segments_.back().dts >= kGopWait) fix_target_duration(dts - segments_.back().dts);
    segments_.back().leader_end = tracks_[leader_].end.value_or(dts);
    segments_.back().ended = now;
    map_->slew(dts - segments_.back().dts);
  }
  segments_.push_back({.number = number, .dts = dts});
  untold_.emplace_back(number, dts);
  if (forced_cut_ && dts >= *forced_cut_) forced_cut_.reset();
  next_grid_ = grid_after(dts);
  sink_.on_segment(number, dts, begins_run);
  for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
    TrackState& track = tracks_[i];
    if (begins_run) {
      track.segment = number;
    } else if (i == leader_) {
      move_to(i, number, dts);
    } else if (!track.open.empty() && track.segment + 1 == number) {
      // What this track has behind the cut already belongs to the new segment.
      const auto at = std::ranges::find_if(track.open, [&](const media::Frame& frame) {
        if (content(i) == Content::video) return frame.random_access && frame.dts >= dts - frame.duration / 2;
        return frame.dts + frame.duration / 2 >= dts;
      });
      if (at != track.open.end()) move_to(i, number, at->dts);
    }
    track.held.reset();
  }
}

/// A track that does not lead: moves on to a segment that the leader has begun.
void Timeline::follow(const media::Frame& frame) {
  TrackState& track = tracks_[frame.track];
  const Content kind = content(frame.track);
  for (const OpenSegment& segment : segments_) {
    if (segment.number <= track.segment) continue;
    if (kind == Content::video) {
      if (!frame.random_access || frame.dts < segment.dts - frame.duration / 2) break;
      if (frame.dts > segment.dts + frame.duration) ++counters_.unaligned;
    } else if (frame.dts + frame.duration / 2 < segment.dts) {
      break;
    }
    move_to(frame.track, segment.number, frame.dts);
  }
  // A keyframe here may be where the leader will cut in a moment: keep it out of a part until that is known.
  const bool ahead = frame.dts > tracks_[leader_].last_dts;
  if (kind == Content::video && frame.random_access && ahead && frame.dts >= next_grid_ - frame.duration / 2) {
    track.held = frame.dts;
  } else if (track.held && (!ahead || frame.dts - *track.held > ticks(kStalled))) {
    track.held.reset();
  }
}

/// Closes the track's segment before `from`; what comes after belongs to `number`.
void Timeline::move_to(std::uint32_t index, std::uint64_t number, Ticks from) {
  TrackState& track = tracks_[index];
  if (!part_target_) fix_part_target();
  const auto split = std::ranges::find_if(track.open, [&](const media::Frame& f) { return f.dts >= from; });
  auto count = static_cast<std::size_t>(split - track.open.begin());
  // In parts, as close_parts() would, but for what is left over.
  while (count > 0) {
    std::size_t fit = 1;
    const Ticks begin = track.open.front().dts;
    while (fit < count && track.open[fit].dts == track.open[fit - 1].dts + track.open[fit - 1].duration &&
           track.open[fit].dts + track.open[fit].duration - begin <= *part_target_) {
      ++fit;
    }
    close_part(index, fit);
    count -= fit;
  }
  for (; track.segment < number; ++track.segment) {
    if (track.segment >= segments_.front().number) sink_.on_track_complete(track.segment, index);
  }
  track.segment_bytes = 0;
}

void Timeline::complete_segments(SteadyTime now) {
  while (segments_.size() > 1) {
    const OpenSegment& segment = segments_.front();
    const std::uint64_t next = segments_[1].number;
    const bool patience_is_over = now - segment.ended > kStalled;
    bool complete = true;
    for (std::uint32_t i = 0; i < tracks_.size(); ++i) {
      if (tracks_[i].segment >= next) continue;
      const bool silent = now - tracks_[i].last_arrival > kStalled;
      const bool late = waits_for_time(content(i)) ? patience_is_over : patience_is_over && silent;
      const bool full = target_duration_ && tracks_[i].end.value_or(segment.dts) - segment.dts >= *target_duration_;
      if (sparse(content(i)) || late || full) {
        move_to(i, next, segments_[1].dts);
      } else {
        complete = false;
      }
    }
    if (!complete) return;
    sink_.on_segment_complete(segment.number, segment.leader_end - segment.dts);
    segments_.pop_front();
  }
}

void Timeline::cut(Ticks pts) { forced_cut_ = pts; }

std::vector<media::Frame> Timeline::open_frames() const {
  std::vector<media::Frame> out;
  for (const TrackState& track : tracks_) out.insert(out.end(), track.open.begin(), track.open.end());
  return out;
}

void Timeline::tell_utc() {
  if (!map_ || !map_->settled()) return;
  while (!untold_.empty()) {
    const auto [number, dts] = untold_.front();
    untold_.pop_front();
    if (last_utc_) map_->keep_after(dts, *last_utc_ + milliseconds(1));
    last_utc_ = map_->at(dts);
    sink_.on_segment_utc(number, *last_utc_);
  }
}

// --- targets ------------------------------------------------------------------------------------------------------

void Timeline::learn_targets(const media::Frame& frame) {
  if (!part_target_) {
    if (intervals_.size() < kIntervals && tracks_[leader_].end && frame.dts > tracks_[leader_].last_dts &&
        tracks_[leader_].last_arrival != SteadyTime{}) {
      intervals_.push_back(frame.dts - tracks_[leader_].last_dts);
    }
    if (intervals_.size() == kIntervals) fix_part_target();
  }
  if (!target_duration_ && frame.random_access) {
    keyframes_.push_back(frame.dts);
    if (keyframes_.size() == 3) fix_target_duration(Ticks(0));
  }
}

void Timeline::fix_part_target() {
  Ticks interval = tracks_[leader_].interval;
  if (!intervals_.empty()) {
    std::ranges::sort(intervals_);
    interval = intervals_[intervals_.size() / 2];
  }
  interval = std::max(interval, Ticks(1));
  const Ticks wanted = ticks(options_.chunk_duration);
  const std::int64_t frames = std::max<std::int64_t>((wanted + interval / 2) / interval, 1);
  part_target_ = frames * interval + kPartSlack;
  if (target_duration_) sink_.on_targets(*target_duration_, *part_target_);
}

void Timeline::fix_target_duration(Ticks longest) {
  Ticks gop = longest;
  for (std::size_t i = 1; i < keyframes_.size(); ++i) gop = std::max(gop, keyframes_[i] - keyframes_[i - 1]);
  const Ticks wanted = ticks(options_.segment_duration);
  Ticks segment = wanted;
  if (gop > Ticks(0)) segment = (wanted + gop - Ticks(1)) / gop * gop;
  target_duration_ = std::chrono::ceil<seconds>(std::max(segment, longest)) + seconds(1);
  if (part_target_) sink_.on_targets(*target_duration_, *part_target_);
}

}  // namespace sluice::stream
