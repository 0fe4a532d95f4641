#include "load/process_usage.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace sluice::load {
namespace {

TEST(ProcessUsage, FindsTheTimesBehindAnyName) {
  // pid (name) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime ...
  EXPECT_EQ(parse_stat_ticks("7 (a) S 1 7 7 0 -1 4194304 1 2 3 4 250 50 0 0 20 0"), 300u);
  EXPECT_EQ(parse_stat_ticks("7 (ev) il (9 9) S 1 7 7 0 -1 4194304 1 2 3 4 250 50 0"), 300u);
}

TEST(ProcessUsage, RefusesWhatIsTooShort) {
  EXPECT_EQ(parse_stat_ticks(""), std::nullopt);
  EXPECT_EQ(parse_stat_ticks("7 a S 1 7 7"), std::nullopt);
  EXPECT_EQ(parse_stat_ticks("7 (a) S 1 7 7 0 -1 4194304 1 2 3 4 250"), std::nullopt);
}

TEST(ProcessUsage, KnowsThisProcess) {
  const auto own = usage_of(::getpid());
  ASSERT_TRUE(own);
  EXPECT_GT(own->rss, 100'000u);
  EXPECT_LT(own->cpu - own_cpu(), std::chrono::milliseconds(20));  // ticks are coarse, never ahead by more than two
  EXPECT_EQ(usage_of(-1), std::nullopt);
}

}  // namespace
}  // namespace sluice::load
