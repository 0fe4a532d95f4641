#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "stream/followers.hpp"
#include "stream/media.hpp"
#include "stream/piece_cache.hpp"
#include "stream/registry.hpp"
#include "stream/stream.hpp"

namespace sluice::stream {

/// One shard's view of a stream: the newest listing, the viewers of its flows, its pieces. What a protocol gets as a
/// Media. Told by the home shard, one post a batch. Belongs to its shard.
class StreamView final : public Media, public std::enable_shared_from_this<StreamView> {
 public:
  /// `stream` is the Stream::id() of what it is a view of.
  StreamView(Registry& here, Registry& home, std::uint64_t stream, std::shared_ptr<const StreamConfig> config,
             std::shared_ptr<const Listing> listing);
  ~StreamView() override;

  // Media
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const StreamConfig& config() const override { return *config_; }
  std::shared_ptr<Window> window() override;
  Task<Result<WaitedFrom>> ready(const FlowForm& form, View view, SteadyTime deadline) override;
  Task<Result<std::unique_ptr<Follower>>> follow(const FlowForm& form, View view, net::TcpSocket& socket,
                                                 std::uint64_t& sent, WaitedFrom from, SteadyTime deadline) override;

  // for the live window
  [[nodiscard]] const std::shared_ptr<const Listing>& listing() const { return listing_; }
  Event::Wait changed(SteadyTime deadline) {
    awaited_ = true;
    return changed_.wait(deadline);
  }
  PieceCache& pieces() { return pieces_; }
  [[nodiscard]] bool gone() const { return gone_; }

  // for the registry
  void take(const StreamBatch& batch);
  /// About once a second. False: nobody has used this view for a while.
  bool tick(SteadyTime now);
  /// When somebody played last, as of the last tick.
  [[nodiscard]] SteadyTime used() const { return used_; }
  [[nodiscard]] std::size_t viewers() const;
  /// Since the last call.
  SlowViewers take_slow();
  /// Whether somebody has waited for a new listing since the last call.
  bool take_awaited() { return std::exchange(awaited_, false); }
  /// Bytes that went out to viewers since the last call.
  std::uint64_t take_sent();

 private:
  struct FlowHere {
    const FlowForm* form = nullptr;
    View view;
    std::uint64_t id = 0;  // at home; 0 while it is being opened
    std::unique_ptr<Followers> followers;
    std::error_code error;  // why it could not be opened
    Event changed;
    SteadyTime used{};
    std::size_t joining = 0;   // viewers who wait to begin
    FollowerCounters counted;  // of the followers, in slow_ and sent_
  };

  std::shared_ptr<FlowHere> open(const FlowForm& form, View view);
  struct Running {
    std::shared_ptr<FlowHere> flow;
    WaitedFrom from;
  };
  Task<Result<Running>> running(const FlowForm& form, View view, SteadyTime deadline);
  void opened(const std::shared_ptr<FlowHere>& flow, const Result<Stream::OpenedFlow>& result);
  void close(const std::shared_ptr<FlowHere>& flow);
  void count(FlowHere& flow);
  void set_config(std::shared_ptr<const StreamConfig> config);

  // borrowed (outlives this)
  Registry& here_;
  Registry& home_;
  const std::uint64_t stream_;
  const std::string name_;
  // owned
  std::shared_ptr<const StreamConfig> config_;
  std::vector<std::shared_ptr<FlowHere>> flows_;
  PieceCache pieces_;
  // state
  std::shared_ptr<const Listing> listing_;
  Event changed_;
  bool awaited_ = false;
  bool gone_ = false;
  SlowViewers slow_;                  // not yet taken
  std::uint64_t sent_ = 0;            // not yet taken
  std::uint64_t counted_pieces_ = 0;  // PieceCache::cut() of them
  SteadyTime used_;
};

}  // namespace sluice::stream
