#include "core/log_recent.hpp"

#include <gtest/gtest.h>

namespace sluice::log {
namespace {

TEST(RecentLines, AreThePartsOfWhatWasWritten) {
  RecentLines lines;
  EXPECT_TRUE(lines.all().empty());
  lines.add(UtcTime{}, Level::warning, "too slow", " stream=cam peer=192.0.2.7", 3);
  lines.add(UtcTime{}, Level::info, "ready", "", 0);
  const auto all = lines.all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, 1u);
  EXPECT_EQ(all[0].level, Level::warning);
  EXPECT_EQ(all[0].message, "too slow");
  EXPECT_EQ(all[0].details, "stream=cam peer=192.0.2.7");
  EXPECT_EQ(all[0].repeated, 3u);
  EXPECT_EQ(all[1].id, 2u);
  EXPECT_EQ(all[1].details, "");
}

TEST(RecentLines, AreBounded) {
  RecentLines lines;
  const std::string text(100'000, 'x');
  for (std::size_t i = 0; i < RecentLines::kMost + 7; ++i) lines.add(UtcTime{}, Level::info, text, text, 0);
  const auto all = lines.all();
  ASSERT_EQ(all.size(), RecentLines::kMost);
  EXPECT_EQ(all.front().id, 8u);
  EXPECT_EQ(all.back().id, RecentLines::kMost + 7);
  EXPECT_EQ(all.back().message.size(), RecentLines::kLongest);
  EXPECT_EQ(all.back().details.size(), RecentLines::kLongest);
}

}  // namespace
}  // namespace sluice::log
