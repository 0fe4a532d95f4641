#include "api/machine.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>

namespace sluice::api {
namespace {

constexpr auto kLeastSpan = std::chrono::seconds(1);

std::string contents(const char* path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

/// The number behind `label` and blanks.
std::uint64_t number_behind(std::string_view text, std::string_view label) {
  const auto at = text.find(label);
  if (at == std::string_view::npos) return 0;
  text.remove_prefix(at + label.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

CpuTimes parse_proc_stat(std::string_view text) {
  // cpu  user nice system idle iowait irq softirq steal ...: proc(5).
  CpuTimes out;
  if (!text.starts_with("cpu ")) return out;
  const char* at = text.data() + 4;
  const char* end = text.data() + std::min(text.find('\n'), text.size());
  for (int column = 0; column < 8; ++column) {
    while (at < end && *at == ' ') ++at;
    std::uint64_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc{}) break;
    at = next;
    out.all += value;
    const bool idle = column == 3 || column == 4;
    if (!idle) out.busy += value;
  }
  return out;
}

int parse_memory_percent(std::string_view text) {
  const auto total = number_behind(text, "MemTotal:");
  const auto available = number_behind(text, "MemAvailable:");
  return total == 0 || available > total ? 0 : static_cast<int>((total - available) * 100 / total);
}

MachineUse Meter::look(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (looked_at_ != SteadyTime{} && now - looked_at_ < kLeastSpan) return use_;
  const CpuTimes before = std::exchange(times_, parse_proc_stat(contents("/proc/stat")));
  const auto span = times_.all - before.all;
  if (span > 0 && times_.busy >= before.busy)
    use_.cpu_percent = static_cast<int>((times_.busy - before.busy) * 100 / span);
  use_.memory_percent = parse_memory_percent(contents("/proc/meminfo"));
  std::uint64_t pages = 0;
  std::istringstream(contents("/proc/self/statm")) >> pages >> pages;
  use_.resident_bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  looked_at_ = now;
  return use_;
}

}  // namespace sluice::api
