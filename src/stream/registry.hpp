#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/shard.hpp"
#include "core/wall_clock.hpp"
#include "stream/errc.hpp"
#include "stream/feed.hpp"
#include "stream/media.hpp"
#include "stream/stream_plan.hpp"

namespace sluice::stream {

class Stream;
class StreamView;
struct Run;
struct StreamBatch;
struct SourceSignal;

/// What the API says of one stream. Values only.
struct StreamStatus {
  std::shared_ptr<const StreamConfig> config;         ///< in force
  std::string id;                                     ///< UUID of this stream, among those that had the name
  bool published = false;                             ///< by a template: the name is not in the config
  bool running = false;                               ///< frames are coming
  std::string source;                                 ///< URL or "rtmp://ADDRESS" of what feeds it
  bool has_publisher = false;                         ///< `source` is one
  std::shared_ptr<const Run> run;                     ///< the newest, with its tracks; null: none yet
  UtcTime opened_at{};                                ///< the stream was made
  std::optional<UtcTime> started_at;                  ///< of this life: its first frame
  std::optional<UtcTime> frame_at;                    ///< the newest frame arrived
  std::optional<std::chrono::milliseconds> last_dts;  ///< of the newest frame
  UtcTime used_at{};                                  ///< somebody played, or the stream was made
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;  ///< to viewers
  std::uint64_t frames_in = 0;
  std::uint64_t bitrate = 0;        ///< bit/s that came in, over the last seconds
  std::uint64_t out_bandwidth = 0;  ///< bit/s that went out, over the last seconds
  std::chrono::milliseconds lifetime{};
  std::chrono::milliseconds since_frame{};
  std::uint64_t held_bytes = 0;       ///< of the store, in whole pages
  std::uint64_t pinned_bytes = 0;     ///< of these, what only slow viewers keep
  std::uint64_t viewers = 0;          ///< followers of its flows
  std::uint64_t viewers_skipped = 0;  ///< times that one was moved on, for he was too slow
  std::uint64_t viewers_cut = 0;      ///< those who were cut off for it
  std::uint64_t retry_count = 0;
  bool follows_clock = true;          ///< MediaPace::follows()
  std::optional<double> media_speed;  ///< MediaPace::speed()
};

/// One shard's registry: the streams whose home this shard is, and this shard's view of every stream that somebody on
/// it plays. The home of a name is a hash of it, so there is one place that decides about a name, and nothing to agree
/// on.
class Registry {
 public:
  Registry(Shard& shard, std::shared_ptr<const StreamPlan> plan);
  ~Registry();

  /// Makes the registries of all shards known to each other and starts the static streams. Once, before the shards run.
  /// REQUIRES: all[i] is the registry of the shard with index i.
  static void start(std::span<Registry* const> all);

  /// Runs by another plan, on all shards; over once it is so on each. A stream whose config is the same is not touched;
  /// one whose config differs goes on as far as it can; one that is gone ends, with its viewers and publishers. What a
  /// template made follows its template. One change at a time; called on any shard. REQUIRES: `all` as of start().
  static Task<void> apply(std::span<Registry* const> all, PlanChange change);

  /// The media of that name: configured, or made by a template. Names are validated here, in one place, for every
  /// protocol. A name that does not exist leaves nothing behind.
  Task<Result<std::shared_ptr<Media>>> resolve(std::string name);

  /// A place to push a source into. Takes over from a publisher that is connected already.
  Task<Result<std::unique_ptr<Feed>>> publish(PublishRequest request);

  /// What runs, on all shards, in no order. Goes in slices, so that many streams stop nobody.
  Task<std::vector<StreamStatus>> status();
  /// The stream of that name; nothing where there is none.
  Task<std::optional<StreamStatus>> status(std::string name);

  /// Ends the stream: its sources and viewers have to leave, and what it holds is gone. A configured one begins a new
  /// life, as when the server starts. False where there is none of that name.
  Task<bool> stop(std::string name);

  /// What this registry holds at the moment.
  struct Size {
    std::size_t streams = 0;   ///< whose home this shard is
    std::size_t views = 0;     ///< of streams that somebody on this shard plays
    std::size_t openings = 0;  ///< views that are being asked for
  };
  [[nodiscard]] Size size() const {
    return {.streams = streams_.size(), .views = views_.size(), .openings = openings_.size()};
  }

  [[nodiscard]] const StreamPlan& plan() const { return *plan_; }
  [[nodiscard]] Shard& shard() const { return shard_; }

 private:
  friend class Stream;
  friend class StreamView;
  friend class RemoteFeed;

  /// What a home shard answers to a shard that begins to look at a stream.
  struct Attached {
    std::uint64_t stream = 0;  ///< Stream::id()
    std::shared_ptr<const StreamConfig> config;
    std::shared_ptr<const Listing> listing;
  };
  /// A change of the plan that one shard still works on, for who waits on another.
  struct Pending {
    Shard& waiting;
    Event done;
    bool finished = false;
    std::exception_ptr exception;
  };
  /// A view that is being asked for; several may wait for it.
  struct Opening {
    Event done;
    bool finished = false;
    std::error_code error;
    std::shared_ptr<StreamView> view;
  };

  [[nodiscard]] Registry& home_of(std::string_view name) const;
  /// Whether a publisher of a name that a template makes a stream of is taken to be on his way back.
  [[nodiscard]] bool expects(const std::string& name);
  [[nodiscard]] Stream* find(const std::string& name);
  /// The same, where it is still the stream of that id.
  [[nodiscard]] Stream* find(const std::string& name, std::uint64_t id);
  [[nodiscard]] Result<std::shared_ptr<const StreamConfig>> config_of(const std::string& name);
  Stream& find_or_make(std::shared_ptr<const StreamConfig> config);
  Result<Attached> attach(const std::string& name, std::size_t shard);
  void opened(const std::string& name, Registry& home, Result<Attached> attached);
  Result<void> connect(const PublishRequest& request, std::uint64_t source, std::shared_ptr<SourceSignal> signal);
  void take(const std::string& name, const StreamBatch& batch);
  Task<std::vector<StreamStatus>> own_status();
  bool stop_own(const std::string& name);
  Task<void> take_plan(std::shared_ptr<const PlanChange> change);
  Task<void> take_plan_for(std::shared_ptr<Pending> pending, std::shared_ptr<const PlanChange> change);
  void configure(const std::string& name, const StreamConfig* config);
  Task<void> keep_time();
  void tick_streams(SteadyTime now);
  void tick_views(SteadyTime now);
  /// A number that no stream, source or flow of the process has had.
  std::uint64_t next_id();

  // borrowed (outlives this)
  Shard& shard_;
  std::vector<Registry*> all_;
  // owned
  std::shared_ptr<const StreamPlan> plan_;
  // state
  WallClock clock_;
  SteadyTime publishers_awaited_until_{};
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::string, std::unique_ptr<Stream>> streams_;    // whose home this is
  std::unordered_map<std::string, std::shared_ptr<StreamView>> views_;  // that somebody here plays
  std::unordered_map<std::string, std::shared_ptr<Opening>> openings_;
  TaskScope tasks_;
};

}  // namespace sluice::stream
