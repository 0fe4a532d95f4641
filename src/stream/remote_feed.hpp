#pragma once

#include <functional>
#include <memory>

#include "stream/feed.hpp"
#include "stream/normalizer.hpp"
#include "stream/registry.hpp"
#include "stream/stream.hpp"

namespace sluice::stream {

/// A Feed whose stream may live on another shard: repairs stamps where the source is, and hands over batches.
class RemoteFeed final : public Feed {
 public:
  /// Of an input, on the stream's home shard: connects it.
  RemoteFeed(Registry& home, Stream& stream, const InputConfig& input);
  /// On the source's shard. `id` is what the source is, or is being, connected under at home.
  RemoteFeed(Registry& home, std::string name, std::uint64_t id, std::shared_ptr<SourceSignal> signal);
  ~RemoteFeed() override;

  void set_tracks(media::Tracks tracks) override;
  void push(media::Frame frame) override;
  void flush() override;
  [[nodiscard]] SteadyTime next_read() const override;
  [[nodiscard]] bool closed() const override { return signal_->closed; }
  Event& on_closed() override { return signal_->on_closed; }

 private:
  void at_home(std::move_only_function<void()> f);

  // borrowed (outlives this)
  Registry& home_;
  // state
  const std::string name_;
  std::shared_ptr<SourceSignal> signal_;
  std::uint64_t id_;
  Normalizer normalizer_;
  SourceBatch batch_;
};

/// Tells a source, from its stream's home shard, that it is not wanted any more.
void close_source(const std::shared_ptr<SourceSignal>& signal);
/// And how long it may let gather what comes to it; 0: it is to read at once.
void pace_source(const std::shared_ptr<SourceSignal>& signal, std::chrono::milliseconds pace);

/// The frames to begin a flow with: from the store and from what no part has yet, in the order of their stamps. They
/// begin with a keyframe that is `back` ago, but none before `from`.
std::vector<media::Frame> recent_frames(const Store& store, const Timeline& timeline, const Run& run, Ticks back,
                                        Ticks from);

}  // namespace sluice::stream
