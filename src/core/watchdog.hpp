#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/shard.hpp"
#include "core/time.hpp"

namespace sluice {

/// Looks at the shards from a thread of its own: says which one has been at one thing for too long, with where it is,
/// and tells the service manager that the process lives, if it asks, as long as none hangs.
class Watchdog {
 public:
  /// A shard hangs when it has not come round for so long. `tell`: how often the service manager wants to hear of us.
  Watchdog(Shards& shards, std::chrono::milliseconds limit, std::optional<std::chrono::microseconds> tell);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

 private:
  void run();
  /// True: none hangs.
  bool look(SteadyTime now);

  // borrowed (outlives this)
  Shards& shards_;
  // state
  const std::chrono::milliseconds limit_;
  const std::optional<std::chrono::microseconds> tell_;
  std::vector<std::optional<SteadyTime>> hung_since_;  // by shard, of those that have been told
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sluice
