#include "protocol/hls/directives.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::hls {
namespace {

constexpr Ticks kPart{18'180};  // 0.202 s: the Advance Part Limit is 15

std::optional<Directives> parsed(std::string_view query) {
  const net::HttpRequest request{.query = query};
  return Directives::parse(request);
}

Reload reload_of(std::uint64_t msn, std::optional<std::uint64_t> part, const Edge& edge) {
  return reload({.msn = msn, .part = part}, edge, kPart);
}

/// Segments up to 13 are whole, 14 has 3 parts; 13 had 10.
constexpr Edge kEdge{.whole_end = 5, .next = 14, .parts = 3, .last_parts = 10, .has_parts = true};

TEST(Directives, AreReadFromTheQuery) {
  EXPECT_FALSE(parsed("")->msn);
  EXPECT_FALSE(parsed("token=_HLS_msn")->msn);
  const auto all = parsed("token=x&_HLS_msn=14&_HLS_part=3&_HLS_skip=YES");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->msn, 14u);
  EXPECT_EQ(all->part, 3u);
  EXPECT_TRUE(all->skip);
  EXPECT_TRUE(parsed("_HLS_skip=v2")->skip);
  EXPECT_FALSE(parsed("_HLS_skip=NO")->skip);
}

TEST(Directives, RefuseWhatTheyCannotMean) {
  for (const std::string_view query : {"_HLS_part=1", "_HLS_msn=", "_HLS_msn=-1", "_HLS_msn=1x", "_HLS_msn= 1",
                                       "_HLS_msn=99999999999999999999999", "_HLS_msn=1&_HLS_part=x"}) {
    EXPECT_FALSE(parsed(query)) << query;
  }
}

TEST(Reload, WithoutASegmentIsAnsweredAtOnce) { EXPECT_EQ(reload({}, kEdge, kPart), Reload::answer); }

TEST(Reload, WaitsForTheWholeSegment) {
  EXPECT_EQ(reload_of(13, {}, kEdge), Reload::answer);
  EXPECT_EQ(reload_of(14, {}, kEdge), Reload::wait);
}

TEST(Reload, ASegmentThatIsGoneIsAnsweredAtOnce) {
  EXPECT_EQ(reload_of(1, {}, kEdge), Reload::answer);
  EXPECT_EQ(reload_of(1, 500, kEdge), Reload::answer);
}

TEST(Reload, WaitsForThePart) {
  EXPECT_EQ(reload_of(14, 2, kEdge), Reload::answer);
  EXPECT_EQ(reload_of(14, 3, kEdge), Reload::wait);
  EXPECT_EQ(reload_of(13, 9, kEdge), Reload::answer);
}

TEST(Reload, APartBeyondItsSegmentIsTheFirstOfTheNext) {
  EXPECT_EQ(reload_of(13, 10, kEdge), Reload::answer);
  Edge closed = kEdge;
  closed.parts = 0;
  EXPECT_EQ(reload_of(13, 10, closed), Reload::wait);
  EXPECT_EQ(reload_of(13, 9, closed), Reload::answer);
  EXPECT_EQ(reload_of(12, 500, closed), Reload::answer) << "segment 13 follows it";
}

TEST(Reload, RefusesTheFarFuture) {
  EXPECT_EQ(reload_of(15, {}, kEdge), Reload::wait) << "the last segment plus two";
  EXPECT_EQ(reload_of(16, {}, kEdge), Reload::refuse);
  EXPECT_EQ(reload_of(14, 3 + 14, kEdge), Reload::wait) << "fifteen parts ahead";
  EXPECT_EQ(reload_of(14, 3 + 15, kEdge), Reload::refuse);
  EXPECT_EQ(reload_of(15, 15, kEdge), Reload::refuse);
  EXPECT_EQ(reload_of(UINT64_MAX, UINT64_MAX, kEdge), Reload::refuse);
  // Parts of a second or more: three.
  EXPECT_EQ(reload({.msn = 14, .part = 5}, kEdge, Ticks(90'000)), Reload::wait);
  EXPECT_EQ(reload({.msn = 14, .part = 6}, kEdge, Ticks(90'000)), Reload::refuse);
}

TEST(Reload, WithoutPartsWaitsForSegments) {
  const Edge text{.whole_end = 5, .next = 14};
  EXPECT_EQ(reload_of(13, 500, text), Reload::answer);
  EXPECT_EQ(reload_of(14, 0, text), Reload::wait);
}

}  // namespace
}  // namespace sluice::hls
