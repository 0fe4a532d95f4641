#include "stream/store_model.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sluice::stream::test {

using media::Content;

Ticks StoreModel::TrackSegment::duration() const {
  return parts.empty() ? Ticks(0) : parts.back().dts + parts.back().duration - parts.front().dts;
}

std::size_t StoreModel::TrackSegment::bytes() const {
  std::size_t sum = 0;
  for (const Part& part : parts) sum += part.bytes;
  return sum;
}

template <class... Args>
void StoreModel::expect(bool condition, const char* what, Args... args) {
  if (!condition && broken_.size() < 20) broken_.push_back(fmt::format(fmt::runtime(what), args...));
}

std::string StoreModel::broken() const { return fmt::format("{}", fmt::join(broken_, "\n")); }

std::chrono::microseconds StoreModel::utc_error() { return std::exchange(utc_error_, {}); }

std::vector<StoreModel::Part> StoreModel::parts(std::uint32_t track) const {
  std::vector<Part> out;
  for (const Segment& segment : done_) {
    out.insert(out.end(), segment.tracks[track].parts.begin(), segment.tracks[track].parts.end());
  }
  return out;
}

StoreModel::Segment* StoreModel::find(std::uint64_t number) {
  const auto it = std::ranges::find(open_, number, &Segment::number);
  return it == open_.end() ? nullptr : &*it;
}

void StoreModel::on_run(std::shared_ptr<const Run> run) {
  expect(!run_ || run->id == run_->id + 1, "run {} is not the next one", run->id);
  expect(std::ranges::all_of(open_, &Segment::complete), "a run begins within a segment");
  for (const auto& [track, frames] : waiting_) expect(frames.empty(), "track {} has frames left at a new run", track);
  waiting_.clear();
  run_ = std::move(run);
  run_is_new_ = true;
  ++runs_;
}

void StoreModel::on_frame(const media::Frame& frame) {
  ++frames_;
  expect(run_ && !open_.empty(), "a frame outside of a run");
  waiting_[frame.track].push_back({frame.dts, frame.pts, frame.payload.view().data()});
}

void StoreModel::on_segment(std::uint64_t number, Ticks dts, bool begins_run) {
  expect(!last_number_ || number == *last_number_ + 1, "segment {} is not the next one", number);
  expect(!last_segment_dts_ || dts > *last_segment_dts_, "segment {} begins before the one before", number);
  expect(begins_run == run_is_new_, "segment {}: begins_run is wrong", number);
  if (run_is_new_) {
    expect(!last_discontinuity_ || run_->discontinuity == *last_discontinuity_ + 1,
           "segment {} begins discontinuity {} after {}", number, run_->discontinuity, last_discontinuity_.value_or(0));
    last_discontinuity_ = run_->discontinuity;
  }
  run_is_new_ = false;
  last_number_ = number;
  last_segment_dts_ = dts;
  Segment segment{
      .number = number, .run = run_, .dts = dts, .begins_run = begins_run, .captured = captured, .began = now};
  segment.tracks.resize(run_->tracks.size());
  open_.push_back(std::move(segment));
  const auto open = std::ranges::count(open_, false, &Segment::complete);
  most_open_ = std::max(most_open_, static_cast<std::size_t>(open));
}

void StoreModel::on_segment_utc(std::uint64_t number, UtcTime utc) {
  Segment* segment = find(number);
  expect(segment != nullptr, "UTC for segment {}, which is not open", number);
  if (segment == nullptr) return;
  expect(!segment->utc, "UTC for segment {} twice", number);
  expect(!last_told_ || number == *last_told_ + 1, "UTC for segment {} out of order", number);
  expect(!last_utc_ || utc > *last_utc_, "UTC of segment {} does not rise", number);
  last_told_ = number;
  last_utc_ = utc;
  segment->utc = utc;
  utc_error_ = std::max(utc_error_, std::chrono::abs(utc - segment->captured));
  retire();
}

/// Stamps, and that what on_frame told comes back in the same order.
void StoreModel::check_frame(const media::Frame& frame, const media::Track& track) {
  auto& waiting = waiting_[frame.track];
  expect(!waiting.empty() && waiting.front().payload == frame.payload.view().data(),
         "{}: a frame in a part that is not the next one", track.id);
  if (!waiting.empty()) {
    expect(waiting.front().dts == frame.dts && waiting.front().pts == frame.pts, "{}: stamps changed", track.id);
    waiting.pop_front();
  }
  const auto end = ends_.find(track.id);
  expect(end == ends_.end() || frame.dts >= end->second, "{}: frame at {} before {}", track.id, frame.dts.count(),
         end == ends_.end() ? 0 : end->second.count());
  expect(frame.pts >= frame.dts, "{}: shown at {} before it is decoded", track.id, frame.dts.count());
  const bool data = track.content() == Content::data;
  expect(data ? frame.duration >= Ticks(0) : frame.duration > Ticks(0), "{}: frame without duration", track.id);
  ends_[track.id] = frame.dts + (data ? Ticks(0) : frame.duration);
}

void StoreModel::on_part(std::uint64_t number, std::uint32_t track, std::span<const media::Frame> frames,
                         bool gap_before) {
  Segment* segment = find(number);
  expect(segment != nullptr && !segment->complete && segment->run == run_, "a part of segment {}", number);
  expect(!frames.empty(), "a part of segment {} without frames", number);
  if (segment == nullptr || track >= segment->tracks.size() || frames.empty()) return;
  expect(!segment->tracks[track].complete, "a part behind the end of track {} in segment {}", track, number);
  for (const Segment& before : open_) {
    if (before.run != run_ || before.number >= number) continue;
    expect(before.tracks[track].complete, "track {} is in {} and {} at once", track, before.number, number);
  }
  Part part{.dts = frames[0].dts,
            .duration = frames.back().dts + frames.back().duration - frames[0].dts,
            .last_frame = frames.back().duration,
            .first_frame = frames[0].duration,
            .frames = frames.size(),
            .random_access = frames[0].random_access,
            .gap_before = gap_before,
            .arrival = frames.back().arrival,
            .closed = now};
  for (std::size_t i = 0; i < frames.size(); ++i) {
    expect(frames[i].track == track, "a frame of track {} in a part of {}", frames[i].track, track);
    expect(i == 0 || frames[i].dts == frames[i - 1].dts + frames[i - 1].duration, "a hole in a part of track {}",
           track);
    check_frame(frames[i], run_->tracks[track]);
    part.bytes += frames[i].payload.size();
  }
  const bool video = run_->tracks[track].content() == Content::video;
  if (video && segment->tracks[track].parts.empty() && !part.random_access) ++dependent_;
  gaps_ += gap_before ? 1 : 0;
  segment->tracks[track].parts.push_back(part);
}

void StoreModel::on_track_complete(std::uint64_t number, std::uint32_t track) {
  Segment* segment = find(number);
  expect(segment != nullptr && segment->run == run_, "track {} complete in segment {}, which is not open", track,
         number);
  if (segment == nullptr || track >= segment->tracks.size()) return;
  expect(!segment->tracks[track].complete, "track {} complete twice in segment {}", track, number);
  segment->tracks[track].complete = true;
}

void StoreModel::on_segment_complete(std::uint64_t number, Ticks duration) {
  Segment* segment = find(number);
  expect(segment != nullptr && !segment->complete, "segment {} complete, which is not open", number);
  if (segment == nullptr) return;
  expect(!last_complete_ || number == *last_complete_ + 1, "segment {} complete out of order", number);
  expect(std::ranges::all_of(segment->tracks, &TrackSegment::complete), "segment {} complete before its tracks",
         number);
  expect(duration >= Ticks(0), "segment {} lasts {}", number, duration.count());
  last_complete_ = number;
  segment->complete = true;
  segment->duration = duration;
  segment->ended = now;
  retire();
}

void StoreModel::on_targets(std::chrono::seconds target_duration, Ticks part_target) {
  expect(!target_duration_, "targets twice");
  expect(target_duration > std::chrono::seconds(0) && part_target > Ticks(0), "empty targets");
  expect(part_target <= target_duration, "parts longer than segments");
  target_duration_ = target_duration;
  part_target_ = part_target;
  retire();
}

/// What can be listed is final: check it.
void StoreModel::retire() {
  while (target_duration_ && !open_.empty() && open_.front().complete && open_.front().utc) {
    check_segment(open_.front());
    if (keep) done_.push_back(std::move(open_.front()));
    open_.pop_front();
  }
}

void StoreModel::check_segment(const Segment& segment) {
  const auto rounds_to = [](Ticks d) { return std::chrono::round<std::chrono::seconds>(d); };
  expect(rounds_to(segment.duration) <= *target_duration_, "segment {} lasts {} s, TARGETDURATION is {}",
         segment.number, rounds_to(segment.duration).count(), target_duration_->count());
  for (std::uint32_t i = 0; i < segment.tracks.size(); ++i) {
    const TrackSegment& track = segment.tracks[i];
    expect(track.bytes() <= segment_bytes_, "{} has {} bytes in segment {}", segment.run->tracks[i].id, track.bytes(),
           segment.number);
    const Content content = segment.run->tracks[i].content();
    if (content != Content::video && content != Content::audio) continue;
    expect(rounds_to(track.duration()) <= *target_duration_, "{} lasts {} s in segment {}, TARGETDURATION is {}",
           segment.run->tracks[i].id, rounds_to(track.duration()).count(), segment.number, target_duration_->count());
    check_parts(segment, i);
  }
}

void StoreModel::check_parts(const Segment& segment, std::uint32_t track) {
  const auto& parts = segment.tracks[track].parts;
  const media::Track& info = segment.run->tracks[track];
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    expect(part.duration <= *part_target_, "{}: a part of {} ticks, PART-TARGET is {}", info.id, part.duration.count(),
           part_target_->count());
    if (i + 1 == parts.size() || part.duration * 100 >= *part_target_ * 85) continue;
    const bool hole = parts[i + 1].dts != part.dts + part.duration;
    const bool no_room = part.duration + parts[i + 1].first_frame > *part_target_;
    expect(info.content() == Content::audio && (hole || no_room),
           "{}: part {} of segment {} has {} ticks, PART-TARGET is {}", info.id, i, segment.number,
           part.duration.count(), part_target_->count());
  }
}

void StoreModel::finish(const TimelineCounters& counters, std::uint64_t pushed) {
  for (const auto& [track, frames] : waiting_) expect(frames.empty(), "track {} has frames left", track);
  for (const Segment& segment : open_) {
    expect(segment.complete, "segment {} never got complete", segment.number);
    expect(segment.utc.has_value(), "segment {} never got UTC", segment.number);
  }
  expect(counters.frames == frames_, "{} frames counted, {} told", counters.frames, frames_);
  expect(counters.frames + counters.dropped == pushed, "{} frames and {} dropped of {}", counters.frames,
         counters.dropped, pushed);
  expect(counters.dependent == dependent_, "{} dependent segments counted, {} seen", counters.dependent, dependent_);
  expect(counters.gaps == gaps_, "{} gaps counted, {} seen", counters.gaps, gaps_);
}

namespace {

using std::chrono::seconds;

/// A sink that is told wrong things must say so: a check that finds nothing looks like a timeline in order.
class StoreModelTest : public testing::Test {
 protected:
  static constexpr Ticks kFrame{3600};

  void begin() {
    auto run = std::make_shared<stream::Run>();
    run->tracks.resize(2);
    run->tracks[0].codec = media::find_codec("h264");
    run->tracks[1].codec = media::find_codec("aac");
    media::assign_ids(run->tracks);
    model.on_run(run);
    model.on_targets(seconds(6), 5 * kFrame);
    model.on_segment(7, Ticks(0), true);
  }
  /// Frames of one part, told and then put into it.
  void part(std::uint64_t number, std::uint32_t track, Ticks dts, int count, Ticks duration = kFrame) {
    std::vector<media::Frame> frames;
    for (int i = 0; i < count; ++i) {
      frames.push_back({.track = track,
                        .dts = dts + i * duration,
                        .pts = dts + i * duration,
                        .duration = duration,
                        .payload = Payload::own(Bytes(10)),
                        .random_access = dts == Ticks(0) && i == 0});
      model.on_frame(frames.back());
    }
    model.on_part(number, track, frames, false);
  }
  void complete(std::uint64_t number, Ticks duration) {
    model.on_track_complete(number, 0);
    model.on_track_complete(number, 1);
    model.on_segment_complete(number, duration);
    model.on_segment_utc(number, UtcTime(seconds(number)));
  }

  StoreModel model;
};

TEST_F(StoreModelTest, FindsNothingInGoodOrder) {
  begin();
  part(7, 0, Ticks(0), 5);
  part(7, 0, 5 * kFrame, 5);
  part(7, 1, Ticks(0), 5);
  complete(7, 10 * kFrame);
  model.finish({.frames = 15, .dropped = 2}, 17);
  EXPECT_EQ(model.broken(), "");
}

TEST_F(StoreModelTest, FindsOverlaps) {
  begin();
  part(7, 0, Ticks(0), 5);
  part(7, 0, 5 * kFrame - Ticks(1), 5);
  EXPECT_NE(model.broken().find("before 18000"), std::string::npos) << model.broken();
}

TEST_F(StoreModelTest, FindsPartsThatAreTooLongOrTooShort) {
  begin();
  part(7, 0, Ticks(0), 4);
  part(7, 0, 4 * kFrame, 6);
  complete(7, 10 * kFrame);
  EXPECT_NE(model.broken().find("part 0 of segment 7 has 14400 ticks"), std::string::npos) << model.broken();
  EXPECT_NE(model.broken().find("a part of 21600 ticks"), std::string::npos) << model.broken();
}

TEST_F(StoreModelTest, FindsSegmentsThatAreTooLong) {
  begin();
  for (int i = 0; i < 33; ++i) part(7, 0, i * 5 * kFrame, 5);
  complete(7, 33 * 5 * kFrame);
  EXPECT_NE(model.broken().find("segment 7 lasts 7 s"), std::string::npos) << model.broken();
}

TEST_F(StoreModelTest, FindsWhatComesAfterTheEnd) {
  begin();
  part(7, 0, Ticks(0), 5);
  complete(7, 5 * kFrame);
  part(7, 0, 5 * kFrame, 5);
  model.on_segment_utc(7, UtcTime(seconds(8)));
  EXPECT_NE(model.broken().find("a part of segment 7"), std::string::npos) << model.broken();
  EXPECT_NE(model.broken().find("UTC for segment 7"), std::string::npos) << model.broken();
}

TEST_F(StoreModelTest, FindsWhatIsLeftOver) {
  begin();
  model.on_frame({.track = 0, .payload = Payload::own(Bytes(10))});
  model.finish({.frames = 1, .dependent = 1}, 2);
  EXPECT_NE(model.broken().find("track 0 has frames left"), std::string::npos) << model.broken();
  EXPECT_NE(model.broken().find("segment 7 never got complete"), std::string::npos) << model.broken();
  EXPECT_NE(model.broken().find("1 frames and 0 dropped of 2"), std::string::npos) << model.broken();
  EXPECT_NE(model.broken().find("1 dependent segments counted, 0 seen"), std::string::npos) << model.broken();
}

}  // namespace
}  // namespace sluice::stream::test
