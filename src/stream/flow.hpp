#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/shard.hpp"
#include "stream/flow_form.hpp"
#include "stream/run_muxer.hpp"
#include "stream/stream_config.hpp"

namespace sluice::stream {

/// The bytes of one muxed frame in a flow: where they begin, and whether a viewer may begin there.
struct FlowUnit {
  std::uint64_t offset = 0;
  Ticks dts{};
  SteadyTime arrival{};
  bool start = false;
};

/// What changed in a flow since the last batch: posted to each shard that follows it.
struct FlowUpdate {
  std::uint64_t edge = 0;   ///< bytes before it may be sent
  std::uint64_t floor = 0;  ///< bytes before it will be given back; nobody may read them after this update
  std::vector<FlowUnit> units;
  std::shared_ptr<const Bytes> init;    ///< for those who begin at or after `init_from`; null: as before
  std::shared_ptr<const Bytes> change;  ///< what lies before `init_from`, for those who are moved on across it
  std::uint64_t init_from = 0;
  bool idle = false;  ///< nothing feeds the stream: nobody begins before the next `init_from`
  bool ended = false;
};

/// One form of a stream, muxed once as frames arrive, while somebody follows it. Holds what prepush needs and an
/// allowance for slow viewers, no more. Belongs to the stream's home shard; its bytes are read on any shard that got
/// them by an update.
class Flow {
 public:
  /// `allowance`: how far behind the edge a slow viewer may fall.
  static Result<std::unique_ptr<Flow>> create(Shard& home, const FlowForm& form,
                                              std::shared_ptr<const StreamConfig> config,
                                              std::chrono::milliseconds allowance = std::chrono::seconds(4));

  /// Goes on by another config of the stream; a muxer that is made already stays as it is.
  void set_config(std::shared_ptr<const StreamConfig> config);
  /// A run begins. `selection`: indexes of the tracks of this flow in the run's.
  void begin_run(const media::Tracks& tracks, std::vector<std::uint32_t> selection);
  /// A frame of the run, in the order of arrival. Frames of other tracks are left out.
  void push(const media::Frame& frame);
  /// Nothing feeds the stream until the next frame or run: nobody begins at what came before.
  void set_idle();
  /// The stream ended; what is muxed is sent still.
  void end();

  /// True when the merge window lets what has been muxed go out. `now` is the batch's time.
  [[nodiscard]] bool due(SteadyTime now) const;
  /// When to ask due() again at the latest, where no frame comes first.
  [[nodiscard]] std::optional<SteadyTime> next_due() const;
  /// Takes what changed since the last call, for all shards alike. REQUIRES: something to tell (see dirty()).
  FlowUpdate take_update(SteadyTime now);
  [[nodiscard]] bool dirty() const { return dirty_; }
  /// The whole state, for a shard that begins to follow: as if it had got every update so far.
  [[nodiscard]] FlowUpdate state() const;

  /// Everybody who follows has seen updates up to this floor: its pages go back.
  void release_to(std::uint64_t floor) { log_->release_to(floor); }

  [[nodiscard]] LogMap map() const { return log_->map(); }
  /// Keeps the flow's memory its own, whatever becomes of the flow: for whoever reads by map(), on any shard.
  [[nodiscard]] std::shared_ptr<const void> lease() const { return log_; }
  [[nodiscard]] std::uint64_t held_bytes() const { return log_->held(); }
  [[nodiscard]] bool has_muxer() const { return muxer_.has_tracks(); }

 private:
  Flow(std::shared_ptr<ByteLog> log, const FlowForm& form, std::shared_ptr<const StreamConfig> config,
       std::chrono::milliseconds allowance);
  void move_floor();

  // owned, with those who hold a lease
  const std::shared_ptr<ByteLog> log_;
  // owned
  RunMuxer muxer_;
  // state
  const FlowForm& form_;
  std::shared_ptr<const StreamConfig> config_;
  const std::chrono::milliseconds allowance_;
  std::deque<FlowUnit> units_;  // that are held
  std::size_t told_units_ = 0;  // of units_, from the front
  std::uint64_t floor_ = 0;
  std::uint64_t told_edge_ = 0;
  std::shared_ptr<const Bytes> init_;
  std::shared_ptr<const Bytes> change_;
  std::uint64_t init_from_ = 0;
  bool init_told_ = true;
  bool dirty_ = false;
  bool video_pending_ = false;
  bool idle_ = false;
  bool ended_ = false;
  SteadyTime first_pending_{};  // arrival of the oldest unit that was not told
  Bytes scratch_;
};

}  // namespace sluice::stream
