#include "load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sluice::load {
namespace {

// Values below 2^kExactBits have a bucket each; every later power of two has as many buckets as half of these.
constexpr unsigned kExactBits = 7;
constexpr std::uint64_t kExact = std::uint64_t{1} << kExactBits;
constexpr std::uint64_t kHalf = kExact / 2;

std::size_t bucket_of(std::uint64_t value) {
  if (value < kExact) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - kExactBits;
  return kHalf * shift + (value >> shift);
}

/// The highest value that falls into the bucket.
std::uint64_t highest_in(std::size_t bucket) {
  if (bucket < kExact) return bucket;
  const auto shift = static_cast<unsigned>(bucket / kHalf) - 1;
  const std::uint64_t lead = bucket - kHalf * shift;
  return ((lead + 1) << shift) - 1;
}

}  // namespace

void Histogram::add(std::uint64_t value) {
  const std::size_t bucket = bucket_of(value);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
  ++count_;
  max_ = std::max(max_, value);
}

void Histogram::add(std::chrono::nanoseconds duration) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  add(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)));
}

void Histogram::merge(const Histogram& other) {
  if (buckets_.size() < other.buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::percentile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(wanted, 1)) return std::min(highest_in(i), max_);
  }
  return max_;
}

}  // namespace sluice::load
