#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::load {

/// What a process has used.
struct ProcessUsage {
  std::chrono::nanoseconds cpu{};  ///< user and system time since its start, in clock ticks of 10 ms
  std::uint64_t rss = 0;           ///< bytes of memory it has now
};

/// Reads /proc. Nothing where there is no such process.
std::optional<ProcessUsage> usage_of(pid_t pid);

/// User and system time in clock ticks, out of the text of /proc/PID/stat.
std::optional<std::uint64_t> parse_stat_ticks(std::string_view stat);

/// CPU time of this process, to the nanosecond.
std::chrono::nanoseconds own_cpu();

}  // namespace sluice::load
