#pragma once

#include <cstddef>
#include <vector>

#include "core/bytes.hpp"
#include "format/amf/amf.hpp"

/// What both readers share: how they stay within bounds, and how they follow references.
///
/// A reference is followed by reading its target's bytes again. So the tables hold positions and no values, and what a
/// value costs is counted where it is made: a few bytes of references cannot unfold into more than one budget.
namespace sluice::amf {

/// What is left for one value and all that it contains.
class Budget {
 public:
  [[nodiscard]] bool element() {
    if (elements_ == 0) return false;
    --elements_;
    return true;
  }
  [[nodiscard]] bool text(std::size_t bytes) {
    if (bytes > text_) return false;
    text_ -= bytes;
    return true;
  }

 private:
  std::size_t elements_ = kMaxElements;
  std::size_t text_ = kMaxTextBytes;
};

/// The objects, arrays and dates of one value, by the order in which they began.
class ReferenceTable {
 public:
  /// Notes the value that `in` is at, and gives its index.
  std::size_t open(const ByteReader& in) {
    targets_.push_back({.at = in, .closed = false});
    return targets_.size() - 1;
  }
  /// The value of that index is read: from now on it may be referred to.
  void close(std::size_t index) { targets_[index].closed = true; }

  /// Where a value begins; null for one that does not exist, or that is not finished and so would contain itself.
  [[nodiscard]] const ByteReader* find(std::size_t index) const {
    return index < targets_.size() && targets_[index].closed ? &targets_[index].at : nullptr;
  }

 private:
  struct Target {
    ByteReader at;
    bool closed;
  };
  std::vector<Target> targets_;
};

/// Reads one AMF 3 value at the cost of `budget`, at nesting `depth`. For AMF 0 values that switch over.
Result<Value> read_amf3(ByteReader& in, Budget& budget, std::size_t depth);

}  // namespace sluice::amf
