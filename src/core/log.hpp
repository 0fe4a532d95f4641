#pragma once

#include <fmt/format.h>

#include <string_view>

namespace sluice::log {

enum class Level { debug, info, warning, error, none };

/// Sets the least level that is written; none: nothing is. Call before the shards start.
void set_level(Level level);

/// Writes one line to standard error. Control characters become '?': it stays one line, whatever names peers give.
/// Callable from any thread; does not wait for the disk or the terminal.
void write(Level level, std::string_view line);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace sluice::log
