#include "api/machine.hpp"

#include <gtest/gtest.h>

namespace sluice::api {
namespace {

using std::chrono::seconds;

TEST(Machine, ReadsWhatTheSystemSays) {
  const auto times = parse_proc_stat("cpu  100 1 50 800 20 2 3 4 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n");
  EXPECT_EQ(times.busy, 160u);
  EXPECT_EQ(times.all, 980u);
  EXPECT_EQ(parse_memory_percent("MemTotal:        1000 kB\nMemFree:   10 kB\nMemAvailable:     250 kB\n"), 75);
  for (const char* text : {"", "cpu", "cpu x", "MemTotal: 5 kB", "MemTotal: 5 kB\nMemAvailable: 6 kB"}) {
    EXPECT_EQ(parse_proc_stat(text).all, 0u) << text;
    EXPECT_EQ(parse_memory_percent(text) % 100, 0) << text;
  }
}

TEST(Machine, MeasuresBetweenTwoLooks) {
  Meter meter;
  const SteadyTime now = SteadyTime{} + seconds(10);
  const MachineUse use = meter.look(now);
  EXPECT_GT(use.resident_bytes, 1'000'000u);
  EXPECT_GT(use.memory_percent, 0);
  EXPECT_LE(use.cpu_percent, 100);
}

}  // namespace
}  // namespace sluice::api
