#include "load/process_usage.hpp"

#include <fmt/format.h>
#include <time.h>  // clock_gettime
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace sluice::load {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::optional<std::uint64_t> parse_stat_ticks(std::string_view stat) {
  // The second field is the program's name in parentheses, and may hold anything: proc(5).
  const auto end_of_name = stat.rfind(')');
  if (end_of_name == std::string_view::npos) return {};
  std::istringstream rest{std::string(stat.substr(end_of_name + 1))};
  std::string skipped;
  for (int field = 3; field < 14; ++field) rest >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  if (!(rest >> user >> system)) return {};
  return user + system;
}

std::optional<ProcessUsage> usage_of(pid_t pid) {
  const auto ticks = parse_stat_ticks(read_file(fmt::format("/proc/{}/stat", pid)));
  std::istringstream statm(read_file(fmt::format("/proc/{}/statm", pid)));
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  if (!ticks || !(statm >> size >> resident)) return {};
  const auto tick = std::chrono::nanoseconds(1'000'000'000 / ::sysconf(_SC_CLK_TCK));
  return ProcessUsage{.cpu = tick * *ticks, .rss = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))};
}

std::chrono::nanoseconds own_cpu() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace sluice::load
