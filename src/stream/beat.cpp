#include "stream/beat.hpp"

#include <functional>

namespace sluice::stream {
namespace {

constexpr std::size_t kPhases = 10;
constexpr std::chrono::milliseconds kPhase(5);

}  // namespace

SteadyTime next_beat(std::string_view name, SteadyTime now, SteadyTime::duration period) {
  const auto phase = kPhase * (std::hash<std::string_view>{}(name) % kPhases);
  const auto since = now.time_since_epoch() - phase;
  return SteadyTime(since - since % period + period + phase);
}

}  // namespace sluice::stream
