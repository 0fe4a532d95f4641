#include "stream/pin_budget.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::stream {
namespace {

/// Which of pins of these sizes are wanted back, oldest first.
std::vector<bool> wanted_back(const std::vector<std::uint64_t>& sizes, std::uint64_t kept) {
  std::vector<std::shared_ptr<const Recall>> leases;
  std::vector<Pin> pins;
  for (const auto size : sizes) {
    leases.push_back(std::make_shared<const Recall>());
    pins.push_back({.bytes = size, .holder = leases.back()});
  }
  enforce_pin_budget(pins, kept);
  std::vector<bool> out;
  for (const auto& lease : leases) out.push_back(lease->wanted_back());
  return out;
}

using Wanted = std::vector<bool>;

TEST(PinBudget, IsHalfOfWhatIsKept) {
  EXPECT_EQ(wanted_back({10, 10, 10}, 60), Wanted({false, false, false}));
  EXPECT_EQ(wanted_back({10, 10, 10}, 59), Wanted({true, false, false}));
}

TEST(PinBudget, TakesTheOldestFirstAndNoMoreThanNeeded) {
  EXPECT_EQ(wanted_back({5, 10, 10, 10}, 40), Wanted({true, true, false, false}));
  EXPECT_EQ(wanted_back({30, 1, 1}, 40), Wanted({true, false, false}));
  EXPECT_EQ(wanted_back({1, 1}, 0), Wanted({true, true}));
}

TEST(PinBudget, CountsWhatIsOnItsWayBack) {
  const auto held = std::make_shared<const Recall>();
  const std::vector<Pin> pins{{.bytes = 10, .holder = {}}, {.bytes = 10, .holder = held}};
  enforce_pin_budget(pins, 20);
  EXPECT_FALSE(held->wanted_back());
  enforce_pin_budget(pins, 19);
  EXPECT_TRUE(held->wanted_back());
}

}  // namespace
}  // namespace sluice::stream
