#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/log_line.hpp"
#include "core/time.hpp"

namespace sluice::log {

/// Holds back faults that repeat: of one place in the code and one subject (a peer, a stream) a line a second is
/// written, and it says how many were not. Bounded: beyond kMost subjects at a time a place in the code has one for all
/// the rest.
class Repeats {
 public:
  static constexpr auto kPeriod = std::chrono::seconds(1);
  static constexpr std::size_t kMost = 256;

  /// A line that was held back, to be written now.
  struct Due {
    Format format;
    Level level;
    std::string message;
    std::string tail;  ///< of the newest
    std::uint64_t repeated = 0;

    [[nodiscard]] Entry entry() const { return {.format = format, .level = level, .message = message, .tail = tail}; }
  };

  /// True: write this one now. False: it is held back and counted.
  bool admit(std::uint64_t place, std::string_view subject, SteadyTime now, const Entry& entry);

  /// What was held back for a period. Forgets what has been quiet for one.
  std::vector<Due> take_due(SteadyTime now);

  /// When take_due() has something next; nothing while nothing is known.
  [[nodiscard]] std::optional<SteadyTime> next() const { return next_; }

 private:
  struct Known {
    SteadyTime written;
    Due held;
  };

  std::unordered_map<std::uint64_t, Known> known_;  // by place and subject
  std::optional<SteadyTime> next_;
};

}  // namespace sluice::log
