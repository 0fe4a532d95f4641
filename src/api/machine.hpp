#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace sluice::api {

/// How much of the machine is in use, as the system says in /proc.
struct MachineUse {
  int cpu_percent = 0;               ///< of all its processors, by everybody
  int memory_percent = 0;            ///< what is not available any more, by everybody
  std::uint64_t resident_bytes = 0;  ///< of this process
};

/// Processor time in units of the system's clock, since it was started.
struct CpuTimes {
  std::uint64_t busy = 0;
  std::uint64_t all = 0;
};

/// What "/proc/stat" and "/proc/meminfo" say; zeros where they cannot be read.
CpuTimes parse_proc_stat(std::string_view text);
int parse_memory_percent(std::string_view text);

/// Measures over the time between two looks, a second at least. Used by all shards.
class Meter {
 public:
  MachineUse look(SteadyTime now);

  /// The share of its time that a shard works, in percent; `busy` is what it has worked since it was started.
  int shard_percent(std::size_t shard, std::chrono::nanoseconds busy, SteadyTime now);

 private:
  struct ShardMark {
    SteadyTime at{};
    std::chrono::nanoseconds busy{};
    int percent = 0;
  };
  std::mutex mutex_;
  SteadyTime looked_at_{};
  CpuTimes times_;
  MachineUse use_;
  std::vector<ShardMark> shards_;
};

}  // namespace sluice::api
