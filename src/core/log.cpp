#include "core/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>

namespace sluice::log {
namespace {

constexpr std::size_t kQueuedLines = 8192;

// Over the bound the oldest line is dropped: a flood of lines must not stop a shard.
spdlog::logger& logger() {
  static const auto instance = [] {
    spdlog::init_thread_pool(kQueuedLines, 1);
    auto made = spdlog::create_async_nb<spdlog::sinks::stderr_sink_mt>("sluice");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    case Level::none: return spdlog::level::off;
  }
  return spdlog::level::off;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

void set_level(Level level) { logger().set_level(to_spdlog(level)); }

void write(Level level, std::string_view line) {
  if (std::ranges::none_of(line, is_control)) return logger().log(to_spdlog(level), line);
  std::string clean(line);
  std::ranges::replace_if(clean, is_control, '?');
  logger().log(to_spdlog(level), clean);
}

}  // namespace sluice::log
