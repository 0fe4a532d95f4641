#include "load/histogram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

namespace sluice::load {
namespace {

TEST(Histogram, HasNothingToSayBeforeTheFirstValue) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.percentile(0.5), 0u);
  EXPECT_EQ(empty.max(), 0u);
}

TEST(Histogram, IsExactForSmallValues) {
  Histogram h;
  for (std::uint64_t v = 1; v <= 100; ++v) h.add(v);
  EXPECT_EQ(h.percentile(0), 1u);
  EXPECT_EQ(h.percentile(0.5), 50u);
  EXPECT_EQ(h.percentile(0.99), 99u);
  EXPECT_EQ(h.percentile(1), 100u);
}

TEST(Histogram, CountsDurationsInMicroseconds) {
  Histogram h;
  h.add(std::chrono::milliseconds(2));
  h.add(std::chrono::milliseconds(-5));
  EXPECT_EQ(h.max(), 2000u);
  EXPECT_EQ(h.percentile(0.5), 0u);
}

RC_GTEST_PROP(Histogram, IsWithinItsErrorOfTheSortedValues, (std::vector<std::uint64_t> values)) {
  RC_PRE(!values.empty());
  Histogram h;
  for (const auto v : values) h.add(v);
  std::ranges::sort(values);
  for (const double share : {0.01, 0.5, 0.99}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto exact = values[rank - 1];
    RC_ASSERT(h.percentile(share) >= exact);
    RC_ASSERT(h.percentile(share) - exact <= exact / 64);
  }
  RC_ASSERT(h.max() == values.back());
}

RC_GTEST_PROP(Histogram, MergedIsTheSameAsAddedTogether,
              (const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b)) {
  Histogram one, two, both;
  for (const std::uint64_t v : a) one.add(v), both.add(v);
  for (const std::uint64_t v : b) two.add(v), both.add(v);
  one.merge(two);
  RC_ASSERT(one.count() == both.count());
  for (const double share : {0.1, 0.5, 0.9, 1.0}) RC_ASSERT(one.percentile(share) == both.percentile(share));
}

}  // namespace
}  // namespace sluice::load
