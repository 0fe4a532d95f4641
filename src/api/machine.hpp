#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

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

 private:
  std::mutex mutex_;
  SteadyTime looked_at_{};
  CpuTimes times_;
  MachineUse use_;
};

}  // namespace sluice::api
