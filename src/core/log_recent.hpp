#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_line.hpp"
#include "core/time.hpp"

namespace sluice::log {

/// A line of the log, in its parts.
struct RecentLine {
  std::uint64_t id = 0;  ///< counts the lines since the start of the process, from 1
  UtcTime time{};
  Level level = Level::info;
  std::string message;
  std::string details;         ///< "stream=live/mine url=rtmp://192.0.2.7", as the log's format writes fields
  std::uint64_t repeated = 0;  ///< how many more of its kind were not written
};

/// The newest lines, for whoever looks at a server that runs. Bounded in number and, by that of a line, in size. Not
/// for several threads at once.
class RecentLines {
 public:
  static constexpr std::size_t kMost = 1000;
  static constexpr std::size_t kLongest = 1000;  ///< bytes of each text; the rest is left out

  void add(UtcTime time, Level level, std::string_view message, std::string_view details, std::uint64_t repeated);

  /// Oldest first.
  [[nodiscard]] std::vector<RecentLine> all() const { return {lines_.begin(), lines_.end()}; }

 private:
  std::deque<RecentLine> lines_;
  std::uint64_t added_ = 0;
};

}  // namespace sluice::log
