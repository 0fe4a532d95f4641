#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/arena.hpp"

namespace sluice {

/// What goes out: a few ranges in order, and the lease that keeps their bytes true until the last is sent. Copying
/// copies no bytes.
struct Body {
  std::vector<Range> ranges;
  std::shared_ptr<const void> lease;

  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    for (const Range& range : ranges) sum += range.length;
    return sum;
  }

  /// A body of bytes that were made for it.
  static Body of(Bytes bytes) {
    auto owner = std::make_shared<const Bytes>(std::move(bytes));
    Body body{.ranges = {{.length = owner->size(), .memory = owner->data()}}, .lease = owner};
    return body;
  }
};

}  // namespace sluice
