#include "protocol/rtmp/publication.hpp"

#include <algorithm>
#include <ranges>

namespace sluice::rtmp {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(500);
constexpr Ticks kApart = to_ticks(std::chrono::milliseconds(250));  // from a change of one track to that of the other

const media::Track* find(const media::Tracks& tracks, media::Content content) {
  const auto found = std::ranges::find(tracks, content, &media::Track::content);
  return found == tracks.end() ? nullptr : &*found;
}

}  // namespace

Result<void> Publication::take(const flv::Message& message, SteadyTime now) {
  auto read = reader_.read(message, now);
  if (!read) return std::unexpected(read.error());
  if (fed_.empty() && !since_) since_ = now;
  if (read->tracks) change(std::move(*read->tracks), now);
  if (read->frame) {
    const auto content = tracks_[read->frame->track].content();
    waiting_.push_back({std::move(*read->frame), content, versions_[lane(content)]});
  }
  if (tracks_.empty() || (since_ && !settled(now))) return {};
  if (since_) change_over();
  if (since_) return {};
  for (Waiting& waiting : waiting_) push(waiting, fed_);
  waiting_.clear();
  return {};
}

void Publication::change(media::Tracks tracks, SteadyTime now) {
  for (const media::Track& track : tracks) {
    const media::Track* before = find(tracks_, track.content());
    if (before == nullptr || !before->same_parameters(track)) ++versions_[lane(track.content())];
  }
  tracks_ = std::move(tracks);
  if (!since_) since_ = now;
}

/// No further track will become known, or change, along with what waits.
bool Publication::settled(SteadyTime now) const {
  if (waited_ || now - *since_ >= kPatience) return true;
  if (fed_.empty()) return reader_.complete();
  const bool all = std::ranges::all_of(tracks_, [&](const media::Track& track) {
    return versions_[lane(track.content())] != fed_versions_[lane(track.content())];
  });
  return all || (!waiting_.empty() && waiting_.back().frame.dts - waiting_.front().frame.dts >= kApart);
}

/// Goes over to the new tracks, if there is a place for that: where the picture goes on as it was, its next keyframe.
/// What is still of the old tracks goes before it, whenever it came.
void Publication::change_over() {
  const auto video = lane(media::Content::video);
  const bool picture_goes_on = find(fed_, media::Content::video) != nullptr && versions_[video] == fed_versions_[video];
  const auto border = std::ranges::find_if(waiting_, [&](const Waiting& waiting) {
    return !picture_goes_on || (waiting.content == media::Content::video && waiting.frame.random_access);
  });
  for (auto waiting = waiting_.begin(); waiting != waiting_.end(); ++waiting) {
    const auto of = lane(waiting->content);
    const bool old = waiting->version == fed_versions_[of] && (waiting < border || waiting->version != versions_[of]);
    if (old) push(*waiting, fed_);
  }
  waited_ = border == waiting_.end() && picture_goes_on;
  if (waited_) return waiting_.clear();
  std::vector<Waiting> behind;
  for (auto& waiting : std::ranges::subrange(border, waiting_.end())) {
    if (waiting.version == versions_[lane(waiting.content)]) behind.push_back(std::move(waiting));
  }
  waiting_ = std::move(behind);
  fed_ = tracks_;
  fed_versions_ = versions_;
  since_.reset();
  feed_->set_tracks(fed_);
}

void Publication::push(Waiting& waiting, const media::Tracks& tracks) {
  waiting.frame.track = static_cast<std::uint32_t>(find(tracks, waiting.content) - tracks.data());
  feed_->push(std::move(waiting.frame));
}

}  // namespace sluice::rtmp
