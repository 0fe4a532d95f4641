#include "stream/remote_feed.hpp"

#include <algorithm>

#include "stream/beat.hpp"

namespace sluice::stream {
namespace {

void at_source(const SourceSignal& signal, std::move_only_function<void()> f) {
  if (Shard::current_or_null() == &signal.shard) {
    f();
  } else {
    signal.shard.post(std::move(f));
  }
}

}  // namespace

RemoteFeed::RemoteFeed(Registry& home, Stream& stream, const InputConfig& input)
    : RemoteFeed(home, stream.name(), home.next_id(), std::make_shared<SourceSignal>(home.shard_)) {
  stream.connect(id_, input.url, input, signal_);
}

RemoteFeed::RemoteFeed(Registry& home, std::string name, std::uint64_t id, std::shared_ptr<SourceSignal> signal)
    : home_(home), name_(std::move(name)), signal_(std::move(signal)), id_(id) {}

RemoteFeed::~RemoteFeed() {
  flush();
  at_home([&home = home_, name = name_, id = id_] {
    if (Stream* stream = home.find(name)) stream->disconnect(id);
  });
}

/// At once where the stream is; not on the thread that ends a server whose shards have stopped.
void RemoteFeed::at_home(std::move_only_function<void()> f) {
  if (Shard::current_or_null() == &home_.shard_) {
    f();
  } else {
    home_.shard_.post(std::move(f));
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
  at_home([&home = home_, name = name_, id = id_, batch = std::exchange(batch_, {})]() mutable {
    if (Stream* stream = home.find(name)) stream->receive(id, std::move(batch));
  });
}

SteadyTime RemoteFeed::next_read() const {
  const auto pace = signal_->pace;
  return pace.count() == 0 ? SteadyTime::min() : next_beat(name_, Shard::current().now(), pace);
}

void close_source(const std::shared_ptr<SourceSignal>& signal) {
  at_source(*signal, [signal] {
    signal->closed = true;
    signal->on_closed.notify_all();
  });
}

void pace_source(const std::shared_ptr<SourceSignal>& signal, std::chrono::milliseconds pace) {
  at_source(*signal, [signal, pace] { signal->pace = pace; });
}

std::vector<media::Frame> recent_frames(const Store& store, const Timeline& timeline, const Run& run, Ticks back,
                                        Ticks from) {
  auto frames = store.frames_since(back);
  std::ranges::move(timeline.open_frames(), std::back_inserter(frames));
  std::erase_if(frames, [from](const media::Frame& f) { return f.dts < from; });
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
