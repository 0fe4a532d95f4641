#pragma once

#include <chrono>

namespace sluice::protocol {

/// How long a viewer waits for a stream that is starting, on demand or by its publisher.
inline constexpr auto kStartTimeout = std::chrono::seconds(10);

}  // namespace sluice::protocol
