#include "load/clip.hpp"

#include <algorithm>

#include "format/flv/file_reader.hpp"
#include "format/flv/frame_reader.hpp"
#include "load/errc.hpp"

namespace sluice::load {
namespace {

constexpr Ticks kSecond{90'000};

const media::Track* audio_of(const media::Tracks& tracks) {
  const auto found = std::ranges::find(tracks, media::Content::audio, &media::Track::content);
  return found == tracks.end() ? nullptr : &*found;
}

bool same_parameters(const media::Tracks& a, const media::Tracks& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return x.same_parameters(y); });
}

std::uint64_t bytes_of(const std::vector<media::Frame>& frames) {
  std::uint64_t sum = 0;
  for (const auto& frame : frames) sum += frame.payload.size();
  return sum;
}

}  // namespace

Result<Clip> Clip::read(BytesView flv) {
  Clip clip;
  flv::FileReader file;
  flv::FrameReader frames;
  for (;;) {
    auto message = file.next(flv);
    if (!message) return fail(message.error());
    if (!*message) break;
    auto output = frames.read(**message, SteadyTime{});
    if (!output) return fail(output.error());
    if (output->tracks) {
      if (!clip.video_.frames.empty() && !same_parameters(clip.tracks_, *output->tracks)) {
        return fail(Errc::clip_changes);
      }
      clip.tracks_ = *output->tracks;
    }
    if (!output->frame) continue;
    const bool video = clip.tracks_[output->frame->track].content() == media::Content::video;
    if (clip.video_.frames.empty() && !(video && output->frame->random_access)) continue;
    (video ? clip.video_ : clip.audio_).frames.push_back(std::move(*output->frame));
  }
  if (auto ok = clip.finish(); !ok) return fail(ok.error());
  return clip;
}

Ticks Clip::mean_interval(const Lane& lane) {
  if (lane.frames.size() < 2) return kSecond;
  return std::max(
      (lane.frames.back().dts - lane.frames.front().dts) / static_cast<std::int64_t>(lane.frames.size() - 1), Ticks(1));
}

Result<void> Clip::finish() {
  if (video_.frames.empty()) return fail(Errc::no_video);
  const Ticks start = video_.frames.front().dts;
  for (Lane* lane : {&video_, &audio_}) {
    for (auto& frame : lane->frames) {
      frame.dts -= start;
      frame.pts -= start;
    }
    if (!lane->frames.empty()) lane->loop = lane->frames.back().dts - lane->frames.front().dts + mean_interval(*lane);
  }
  return {};
}

std::uint64_t Clip::bitrate() const {
  std::uint64_t sum = 0;
  for (const Lane* lane : {&video_, &audio_}) {
    if (lane->loop > Ticks(0))
      sum += bytes_of(lane->frames) * 8 * 90'000 / static_cast<std::uint64_t>(lane->loop.count());
  }
  return sum;
}

Ticks ClipLoop::video_dts() const {
  const auto& lane = clip_->video_;
  return lane.frames[video_ % lane.frames.size()].dts +
         lane.loop * static_cast<std::int64_t>(video_ / lane.frames.size());
}

Ticks ClipLoop::audio_dts() const {
  const auto& lane = clip_->audio_;
  if (lane.frames.empty()) return Ticks::max();
  const auto& details = audio_of(clip_->tracks_)->details;
  const Ticks first = std::max(lane.frames.front().dts, Ticks(0));
  if (details.sample_rate != 0 && details.samples_per_frame != 0) {
    const auto samples = static_cast<std::int64_t>(audio_ * details.samples_per_frame);
    return first + from_rate(samples, details.sample_rate);
  }
  return first + lane.loop * static_cast<std::int64_t>(audio_) / static_cast<std::int64_t>(lane.frames.size());
}

ClipLoop::Next ClipLoop::next() {
  const Ticks video = video_dts();
  const Ticks audio = audio_dts();
  if (audio < video) {
    const auto& frame = clip_->audio_.frames[audio_++ % clip_->audio_.frames.size()];
    return {.frame = frame, .dts = audio, .pts = audio};
  }
  const auto& frame = clip_->video_.frames[video_++ % clip_->video_.frames.size()];
  return {.frame = frame, .dts = video, .pts = video + (frame.pts - frame.dts)};
}

}  // namespace sluice::load
