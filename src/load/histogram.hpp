#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::load {

/// How values are distributed: how many fell into each of many buckets, of which none is wider than 1/64 of its values.
/// So percentiles are right to 1.6 % whatever was added, in at most 30 KB.
class Histogram {
 public:
  void add(std::uint64_t value);
  /// In microseconds; negative ones, as clocks that disagree make them, count as 0.
  void add(std::chrono::nanoseconds duration);
  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }  ///< exact
  /// The value that a share of `share` (0 to 1) of all values does not exceed; 0 where there is none.
  [[nodiscard]] std::uint64_t percentile(double share) const;

 private:
  std::vector<std::uint64_t> buckets_;  // up to the highest that has something
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace sluice::load
