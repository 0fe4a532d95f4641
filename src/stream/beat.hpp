#pragma once

#include <string_view>

#include "core/time.hpp"

namespace sluice::stream {

/// The next time after `now` at which a stream has its turn that has one in each `period`. What happens to one stream
/// happens together, so that its shard wakes once: a turn of a period is one of each of its parts, too. Streams are
/// spread, so that many do not come up at the same moment.
SteadyTime next_beat(std::string_view name, SteadyTime now, SteadyTime::duration period);

}  // namespace sluice::stream
