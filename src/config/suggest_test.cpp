#include "config/suggest.hpp"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

constexpr std::string_view kNames[] = {"segment_count", "segment_duration", "http", "https", "rtmp", "title"};

TEST(Suggest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("segmnt_count", kNames), "segment_count");
  EXPECT_EQ(nearest("segment-duration", kNames), "segment_duration");
  EXPECT_EQ(nearest("htpt", kNames), "http");
  EXPECT_EQ(nearest("titel", kNames), "title");
}

TEST(Suggest, KeepsSilentWhereNothingIsNear) {
  EXPECT_EQ(nearest("x", kNames), "");
  EXPECT_EQ(nearest("dashboard", kNames), "");
  EXPECT_EQ(nearest(std::string(100'000, 'h'), kNames), "");
}

TEST(Suggest, EndsAMessage) {
  EXPECT_EQ(did_you_mean("titel", kNames), "; did you mean 'title'?");
  EXPECT_EQ(did_you_mean("x", kNames), "");
}

TEST(Suggest, ShortensLongWordsBetweenCharacters) {
  EXPECT_EQ(shown("http"), "'http'");
  EXPECT_EQ(shown(std::string(61, 'a')), "'" + std::string(60, 'a') + "...'");
  EXPECT_EQ(shown(std::string(59, 'a') + "éé"), "'" + std::string(59, 'a') + "...'");
}

}  // namespace
}  // namespace sluice::config
