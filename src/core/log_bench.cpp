#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/log.hpp"

namespace {

using namespace sluice;

/// What a line costs the thread that writes it, and with the writer's thread (CPU of the process).
void write_lines(benchmark::State& state, log::Format format) {
  const int kept = ::dup(STDERR_FILENO);
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(null, STDERR_FILENO);
  log::configure({.format = format});
  for (auto _ : state) log::info("source connected", {{"stream", "live/mine"}, {"url", "rtmp://192.0.2.7"}, {"n", 1}});
  log::flush();
  ::dup2(kept, STDERR_FILENO);
  ::close(null);
  ::close(kept);
}

BENCHMARK_CAPTURE(write_lines, text, log::Format::text)->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(write_lines, json, log::Format::json)->MeasureProcessCPUTime();

void hold_back(benchmark::State& state) {
  for (auto _ : state) log::warning("a fault that repeats", {{"stream", "live/mine"}, {"url", "rtmp://192.0.2.7"}});
}
BENCHMARK(hold_back);

}  // namespace
