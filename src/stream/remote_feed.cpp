#include "stream/remote_feed.hpp"

#include <algorithm>

namespace sluice::stream {

RemoteFeed::RemoteFeed(Registry& home, Stream& stream, const InputConfig& input)
    : RemoteFeed(home, home, stream.name(), home.next_id(), std::make_shared<SourceSignal>(home.shard_)) {
  stream.connect(id_, input.url, input, signal_);
}

RemoteFeed::RemoteFeed(Registry& here, Registry& home, std::string name, std::uint64_t id,
                       std::shared_ptr<SourceSignal> signal)
    : here_(here), home_(home), name_(std::move(name)), signal_(std::move(signal)), id_(id) {}

RemoteFeed::~RemoteFeed() {
  flush();
  const auto leave = [&home = home_, name = name_, id = id_] {
    if (Stream* stream = home.find(name)) stream->disconnect(id);
  };
  if (&here_ == &home_) {
    leave();
  } else {
    home_.shard_.post(leave);
  }
}

void RemoteFeed::set_tracks(media::Tracks tracks) {
  normalizer_.set_tracks(tracks);
  batch_.changes.push_back({.before = batch_.frames.size(), .tracks = std::move(tracks)});
}

void RemoteFeed::push(media::Frame frame) {
  normalizer_.normalize(frame);
  batch_.frames.push_back(std::move(frame));
}

void RemoteFeed::flush() {
  if (batch_.frames.empty() && batch_.changes.empty()) return;
  SourceBatch batch = std::exchange(batch_, {});
  if (&here_ == &home_) {
    if (Stream* stream = home_.find(name_)) stream->receive(id_, std::move(batch));
    return;
  }
  home_.shard_.post([&home = home_, name = name_, id = id_, batch = std::move(batch)]() mutable {
    if (Stream* stream = home.find(name)) stream->receive(id, std::move(batch));
  });
}

void close_source(const std::shared_ptr<SourceSignal>& signal) {
  const auto close = [signal] {
    signal->closed = true;
    signal->on_closed.notify_all();
  };
  if (Shard::current_or_null() == &signal->shard) {
    close();
  } else {
    signal->shard.post(close);
  }
}

std::vector<media::Frame> recent_frames(const Store& store, const Timeline& timeline, const Run& run, Ticks back) {
  auto frames = store.frames_since(back);
  std::ranges::move(timeline.open_frames(), std::back_inserter(frames));
  if (frames.empty()) return frames;
  std::ranges::sort(frames, {}, [](const media::Frame& f) { return std::pair(f.dts, f.track); });
  const auto video = std::ranges::find(run.tracks, media::Content::video, &media::Track::content);
  const auto leader = video == run.tracks.end() ? 0 : static_cast<std::uint32_t>(video - run.tracks.begin());
  const auto starts = [&](const media::Frame& f) { return f.track == leader && f.random_access; };
  auto begin = std::ranges::find_if(frames, starts);
  for (auto it = begin; it != frames.end(); ++it) {
    if (starts(*it) && it->dts <= frames.back().dts - back) begin = it;
  }
  frames.erase(frames.begin(), begin);
  return frames;
}

}  // namespace sluice::stream
