#pragma once

#include <cstdint>
#include <optional>

#include "load/stamp.hpp"

namespace sluice::load {

/// Keeps account of the numbered frames that came over one connection, or one playlist after the other: in order, each
/// once, is how it should be.
class FrameLedger {
 public:
  void add(const Stamp& stamp);

  /// Frames that were passed over between the first and the newest.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  /// Frames that came though they, or later ones, were there already.
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }

  /// Forgets what was counted, not where the stream is.
  void reset_counts() { lost_ = repeated_ = 0; }

 private:
  struct Newest {
    std::uint32_t run;
    std::uint64_t frame;
  };
  std::optional<Newest> newest_;
  std::uint64_t lost_ = 0;
  std::uint64_t repeated_ = 0;
};

}  // namespace sluice::load
