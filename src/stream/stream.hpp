#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/shard.hpp"
#include "stream/feed.hpp"
#include "stream/flow.hpp"
#include "stream/followers.hpp"
#include "stream/media_pace.hpp"
#include "stream/registry.hpp"
#include "stream/store.hpp"
#include "stream/timeline.hpp"

namespace sluice::stream {

/// What one batch of frames changed: posted once to each shard that looks at the stream, shared by all of them.
struct StreamBatch {
  std::uint64_t sequence = 0;
  std::shared_ptr<const Listing> listing;                   ///< null: as before
  std::vector<std::pair<std::uint64_t, FlowUpdate>> flows;  ///< by flow id
  std::shared_ptr<const StreamConfig> config;               ///< null: as before
  bool gone = false;                                        ///< the stream was removed
};

/// What a source reads at once: frames, and where among them its tracks change.
struct SourceBatch {
  struct TracksChange {
    std::size_t before = 0;  ///< index of the first frame with these tracks
    media::Tracks tracks;
  };
  std::vector<media::Frame> frames;
  std::vector<TracksChange> changes;
};

/// How a stream tells a source, on the source's own shard, that it is not wanted any more, or not in a hurry.
struct SourceSignal {
  Shard& shard;
  bool closed = false;
  Event on_closed;
  std::chrono::milliseconds pace{};  // what comes to it may gather for so long
};

/// One live media at home: its sources, its timeline, its store, its flows, and which shards look at it. Belongs to its
/// home shard.
class Stream final : private TimelineSink, private Timer {
 public:
  Stream(Registry& registry, std::shared_ptr<const StreamConfig> config, bool by_template);
  ~Stream() override;

  /// Of this stream alone, also among those of the same name that came before.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::shared_ptr<const StreamConfig>& config() const { return config_; }
  [[nodiscard]] bool by_template() const { return by_template_; }

  /// Goes on by another config of the same name: only inputs that differ begin or end, and only what is fixed for the
  /// life of a stream makes it begin a new one. REQUIRES: it is disabled in both or in neither.
  void set_config(std::shared_ptr<const StreamConfig> config, bool by_template);

  /// Starts the inputs that pull, if they are not running.
  void start_inputs();

  // sources
  /// A source connects, under an id that is its own; a publisher takes over from the one before. `url` is shown;
  /// `input` is what in the config it comes by.
  void connect(std::uint64_t id, std::string url, const InputConfig& input, std::shared_ptr<SourceSignal> signal);
  void receive(std::uint64_t source, SourceBatch batch);
  void disconnect(std::uint64_t source);

  // shards that look
  /// From now on `shard` gets every batch. Returns what there is.
  std::shared_ptr<const Listing> attach(std::size_t shard);
  /// Somebody on that shard played last at `last_use`.
  void detach(std::size_t shard, SteadyTime last_use);
  /// Tells every shard that looks that the stream is gone.
  void leave_all() { publish(true); }
  struct OpenedFlow {
    std::uint64_t id = 0;
    LogMap map;
    std::shared_ptr<const void> lease;  ///< keeps what the map shows
    FlowUpdate state;
  };
  Result<OpenedFlow> open_flow(const FlowForm& form, const View& view, std::size_t shard);
  void close_flow(std::uint64_t id, std::size_t shard);
  /// What a shard has of it: viewers of its flows, and whether somebody waits for each part of it as it comes.
  void set_demand(std::size_t shard, std::uint64_t viewers, bool awaited) {
    viewers_[shard] = viewers;
    awaited_[shard] = awaited;
  }
  void count_slow(const SlowViewers& slow) { slow_ += slow; }
  void count_sent(std::uint64_t bytes) { bytes_out_ += bytes; }

  /// Time passes; about ten times a second. False: nothing needs this stream any more.
  bool tick(SteadyTime now);

  [[nodiscard]] StreamStatus status(SteadyTime now) const;

 private:
  struct Source {
    std::uint64_t id = 0;
    std::string url;
    std::uint32_t priority = 1;
    bool publisher = false;
    std::chrono::seconds timeout{};  // silent for so long, it is lost; 0: when it leaves
    std::shared_ptr<SourceSignal> signal;
    media::Tracks tracks;
    std::chrono::milliseconds pace{};  // that it was told
  };
  /// An input that pulls, or tries to.
  struct Input {
    InputConfig config;
    TaskScope running;
  };
  struct ByteMark {
    SteadyTime at{};
    std::uint64_t in = 0;
    std::uint64_t out = 0;
  };
  struct FlowState {
    std::uint64_t id = 0;
    const FlowForm* form = nullptr;
    View view;
    std::unique_ptr<Flow> flow;
    std::vector<bool> shards;  // that follow it
    std::deque<std::pair<std::uint64_t, std::uint64_t>>
        floors;  // batch sequence, floor: given back when all have seen it
  };

  // TimelineSink: everything goes to the store; frames and runs also to the flows.
  void on_run(std::shared_ptr<const Run> run) override;
  void on_frame(const media::Frame& frame) override;
  void on_segment(std::uint64_t number, Ticks dts, bool begins_run) override;
  void on_segment_utc(std::uint64_t number, UtcTime utc) override;
  void on_part(std::uint64_t number, std::uint32_t track, std::span<const media::Frame> frames,
               bool gap_before) override;
  void on_track_complete(std::uint64_t number, std::uint32_t track) override;
  void on_segment_complete(std::uint64_t number, Ticks duration) override;
  void on_targets(std::chrono::seconds target_duration, Ticks part_target) override;
  void on_timer() override { publish(); }

  void begin_life();
  void end_life();
  [[nodiscard]] std::chrono::nanoseconds patience_without_source() const;
  void notice_silence(SteadyTime now);
  bool may_feed(const Source& source, const media::Frame& frame, SteadyTime now);
  [[nodiscard]] std::chrono::milliseconds pace() const;
  void tell_pace();
  [[nodiscard]] bool is_better(const Source& source, const media::Frame& frame, const Source& other) const;
  void stop_feeding();
  void watch_pace(SteadyTime now);
  void change_inputs();
  void change_sources();
  [[nodiscard]] bool looked_at() const;
  [[nodiscard]] bool pulls() const;
  void start(const InputConfig& input);
  Task<void> run_input(const InputConfig& input);
  void publish(bool gone = false);
  void release_floors();
  void arm_for_flows();
  Source* find_source(std::uint64_t id);

  // borrowed (outlives this)
  Registry& registry_;
  const std::uint64_t id_;
  const std::string uuid_;
  const SteadyTime opened_;
  const std::string name_;
  // owned
  std::shared_ptr<const StreamConfig> config_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Timeline> timeline_;
  std::vector<FlowState> flows_;
  // state
  bool by_template_;
  bool config_told_ = true;  // to the shards that look
  std::vector<Source> sources_;
  std::uint64_t feeding_ = 0;  // id of the source that feeds, 0: none
  std::shared_ptr<const Run> run_;
  std::vector<bool> looking_;                                      // by shard
  std::shared_ptr<std::vector<std::atomic<std::uint64_t>>> seen_;  // by shard: the newest batch it has worked off
  std::uint64_t sequence_ = 0;
  std::vector<std::uint64_t> viewers_;  // by shard
  std::vector<bool> awaited_;           // by shard
  SlowViewers slow_;                    // but those of store_
  SteadyTime last_frame_{};
  Ticks last_dts_{};
  bool silent_ = false;               // the source that feeds has sent nothing for long
  Ticks heard_again_ = Ticks::min();  // dts of the first frame after that, the last time
  SteadyTime fed_until_{};            // when the last source that fed left
  SteadyTime kept_for_return_{};      // until then, inputs wait for the publisher to come back
  SteadyTime began_{};
  SteadyTime looked_at_{};  // where no shard looks: when somebody played last
  SteadyTime publisher_awaited_until_{};
  std::uint64_t next_number_ = 0;
  std::uint64_t next_discontinuity_ = 0;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::uint64_t frames_in_ = 0;
  std::uint64_t retry_count_ = 0;
  MediaPace pace_;
  std::uint64_t paced_ = 0;                     // id of the source that pace_ watches
  std::uint64_t paced_from_ = 0;                // frames_in_ when it began
  std::deque<ByteMark> byte_marks_;             // for the bitrates
  std::vector<std::unique_ptr<Input>> inputs_;  // since start_inputs()
};

}  // namespace sluice::stream
