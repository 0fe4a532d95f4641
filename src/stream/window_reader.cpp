#include "stream/window_reader.hpp"

#include <algorithm>

#include "stream/run_muxer.hpp"
#include "stream/stored_frames.hpp"

namespace sluice::stream {

WindowReader::WindowReader(std::shared_ptr<Window> window, const FlowForm& form, View view)
    : form_(form), window_(std::move(window)), view_(std::move(view)) {}

Task<Result<std::optional<WindowReader::Some>>> WindowReader::next() {
  if (segment_ == nullptr) segment_ = co_await next_segment();
  Some some{.run = run_, .frames = std::exchange(rest_, {})};
  const bool goes_on = segment_ != nullptr && segment_->run == run_;
  if (!some.frames.empty() && !goes_on) co_return some;
  if (segment_ == nullptr) co_return std::nullopt;

  const auto segment = std::exchange(segment_, nullptr);
  some.run = run_ = segment->run;
  const auto tracks = RunMuxer::carried(form_, run_->tracks, view_.select(run_->tracks));
  const auto loaded = co_await window_->loaded(segment, tracks);
  if (!loaded) co_return std::unexpected(loaded.error());
  for (const auto track : tracks) {
    if (auto read = read_frames(**loaded, track, some.frames); !read) co_return std::unexpected(read.error());
  }
  std::ranges::sort(some.frames, {}, [](const media::Frame& frame) { return std::pair(frame.dts, frame.track); });
  if (end_ && segment->dts > *end_) some.pause = segment->dts - *end_;
  end_ = segment->dts + segment->duration;
  hold_back(some.frames, *end_);
  co_return some;
}

/// A track may have more in a segment than the leader: that comes in its turn, among the frames of the next one.
void WindowReader::hold_back(std::vector<media::Frame>& frames, Ticks end) {
  const auto later = std::ranges::lower_bound(frames, end, {}, &media::Frame::dts);
  rest_.assign(std::move_iterator(later), std::move_iterator(frames.end()));
  frames.erase(later, frames.end());
}

/// Null at the end of the window.
Task<std::shared_ptr<const Segment>> WindowReader::next_segment() {
  for (;;) {
    const auto listing = co_await window_->listing();
    for (std::size_t i = listing->first_listed; i < listing->segments.size(); ++i) {
      const auto& segment = listing->segments[i];
      if (!segment->complete || (next_number_ && segment->number < *next_number_)) continue;
      next_number_ = segment->number + 1;
      co_return segment;
    }
    if (listing->ended || !co_await window_->changed(listing->generation, SteadyTime::max())) co_return nullptr;
  }
}

}  // namespace sluice::stream
