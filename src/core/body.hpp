#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/arena.hpp"

namespace sluice {

/// How the owner of leased bytes gets them back from somebody who sends them too slowly. Belongs to the lease and lives
/// as long; every function from any thread.
class Recall {
 public:
  virtual ~Recall() = default;

  /// The owner wants the bytes back: whoever still sends them gives up.
  void want_back() const { wanted_back_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool wanted_back() const { return wanted_back_.load(std::memory_order_relaxed); }

  /// A sender has given up, because of want_back() or because who takes the bytes was too slow: for the owner's books.
  virtual void on_cut() const {}

 private:
  mutable std::atomic<bool> wanted_back_ = false;
};

/// What goes out: a few ranges in order, and the lease that keeps their bytes true until the last is sent. Copying
/// copies no bytes.
struct Body {
  std::vector<Range> ranges;
  std::shared_ptr<const void> lease;
  const Recall* recall = nullptr;  ///< of the lease; null: nobody wants it back early
  std::uint64_t least_rate = 0;    ///< bytes a second that whoever takes it has to take; 0: as for any answer

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
