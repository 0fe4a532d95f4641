#pragma once

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/shard.hpp"
#include "core/task.hpp"
#include "load/clip.hpp"
#include "load/process_usage.hpp"
#include "load/publisher.hpp"
#include "load/url.hpp"
#include "load/viewer.hpp"

namespace sluice::load {

/// What a run does. Nothing in it is without end.
struct RunOptions {
  std::vector<Target> publish;  ///< a publisher each; resolved
  std::optional<Clip> clip;     ///< REQUIRED with publishers
  std::vector<Target> play;     ///< the viewers are dealt out to these in turn; resolved
  unsigned viewers = 0;
  unsigned slow = 0;                  ///< of the viewers
  unsigned stalled = 0;               ///< of the viewers
  unsigned parsed = 5;                ///< viewers of each URL whose media is taken apart to the end
  double slow_rate = 0;               ///< bytes a second; 0: a tenth of an ordinary viewer's
  std::string record;                 ///< folder for the media of the parsed viewers; empty: none
  std::chrono::nanoseconds settle{};  ///< from the publishers' start to the first viewer's
  std::chrono::nanoseconds ramp{};    ///< from the first viewer's start to the last's; likewise publishers
  std::chrono::nanoseconds warmup{};  ///< from then to the measurement; 0: all that comes is measured
  std::chrono::nanoseconds window{};  ///< of the measurement
  std::vector<pid_t> servers;         ///< whose CPU and memory are measured, as one
};

/// A test from first connection to last, on one shard.
class Run {
 public:
  /// What was used in the measurement window.
  struct Window {
    std::chrono::nanoseconds length{};
    std::chrono::nanoseconds own_cpu{};
    std::chrono::nanoseconds server_cpu{};
    std::uint64_t server_rss = 0;  ///< bytes, at its end
    bool servers_seen = false;     ///< all of them lived through it
  };

  explicit Run(RunOptions options);

  /// Runs the test. Ends when the window is over, or when nobody is left.
  Task<void> run();
  /// Ends the test now; what was measured so far stands.
  void end_early();

  [[nodiscard]] const RunOptions& options() const { return options_; }
  [[nodiscard]] const std::deque<Viewer>& viewers() const { return viewers_; }
  [[nodiscard]] const std::deque<Publisher>& publishers() const { return publishers_; }
  [[nodiscard]] const Window& window() const { return window_; }

 private:
  struct Usage {
    SteadyTime at;
    std::chrono::nanoseconds own{};
    std::optional<ProcessUsage> servers;
  };

  void add_viewers();
  [[nodiscard]] std::string record_path(const Target& target, std::size_t target_index, unsigned index) const;
  Task<void> start_publishers();
  Task<void> start_viewers();
  Task<void> count(Task<void> task, std::size_t& active);
  /// Waits, and not for nobody: false when the test is over.
  Task<bool> wait_for(std::chrono::nanoseconds time);
  [[nodiscard]] Usage usage() const;

  // owned
  const RunOptions options_;
  std::deque<Publisher> publishers_;
  std::deque<Viewer> viewers_;
  // state
  std::size_t active_publishers_ = 0;
  std::size_t active_viewers_ = 0;
  bool ended_early_ = false;
  Event left_;  ///< somebody has ended
  Window window_;
  TaskScope scope_;  // last: its tasks use all of the above
};

}  // namespace sluice::load
