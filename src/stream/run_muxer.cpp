#include "stream/run_muxer.hpp"

#include <algorithm>

namespace sluice::stream {
namespace {

constexpr auto kLeaderWait = std::chrono::duration_cast<Ticks>(std::chrono::seconds(3));

}  // namespace

RunMuxer::RunMuxer(const FlowForm& form, std::shared_ptr<const StreamConfig> config)
    : form_(form), config_(std::move(config)) {}

std::vector<std::uint32_t> RunMuxer::carried(const FlowForm& form, const media::Tracks& tracks,
                                             std::vector<std::uint32_t> selection) {
  std::erase_if(selection, [&](std::uint32_t i) { return !form.carries(*tracks[i].codec); });
  return selection;
}

bool RunMuxer::begin_run(Bytes& out, const media::Tracks& tracks, std::vector<std::uint32_t> selection) {
  place_.assign(tracks.size(), -1);
  media::Tracks chosen;
  for (const auto i : carried(form_, tracks, std::move(selection))) {
    place_[i] = static_cast<std::int32_t>(chosen.size());
    chosen.push_back(tracks[i]);
  }
  if (chosen.empty()) return false;
  const auto video = std::ranges::find(chosen, media::Content::video, &media::Track::content);
  leader_ = video == chosen.end() ? 0 : static_cast<std::uint32_t>(video - chosen.begin());
  led_until_.reset();
  if (muxer_ == nullptr) {
    muxer_ = form_.make(chosen, *config_);
  } else {
    muxer_->change(out, chosen);
  }
  return true;
}

std::optional<RunMuxer::Unit> RunMuxer::frame(Bytes& out, const media::Frame& frame) {
  if (muxer_ == nullptr || frame.track >= place_.size() || place_[frame.track] < 0) return {};
  media::Frame mine = frame;
  mine.track = static_cast<std::uint32_t>(place_[frame.track]);
  muxer_->frame(out, mine);
  Unit unit{.leads = mine.track == leader_};
  if (!led_until_ || unit.leads) led_until_ = frame.dts;
  // Where the video has stopped, the sound alone is a place to begin.
  unit.start = frame.random_access && (unit.leads || frame.dts - *led_until_ > kLeaderWait);
  return unit;
}

void RunMuxer::end(Bytes& out) {
  if (muxer_ != nullptr) muxer_->end(out);
}

}  // namespace sluice::stream
