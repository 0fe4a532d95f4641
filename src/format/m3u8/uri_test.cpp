#include <gtest/gtest.h>

#include "format/m3u8/reader.hpp"

namespace sluice::m3u8 {
namespace {

TEST(ResolveUri, FollowsRfc3986) {
  const auto* base = "http://a.example:8080/live/tv/tracks-v1/index.m3u8?token=t";
  EXPECT_EQ(resolve_uri(base, "s.ts"), "http://a.example:8080/live/tv/tracks-v1/s.ts");
  EXPECT_EQ(resolve_uri(base, "../tracks-a1/index.m3u8?x=/../"),
            "http://a.example:8080/live/tv/tracks-a1/index.m3u8?x=/../");
  EXPECT_EQ(resolve_uri(base, "./a/./b/../c"), "http://a.example:8080/live/tv/tracks-v1/a/c");
  EXPECT_EQ(resolve_uri(base, "../../../../../x"), "http://a.example:8080/x");
  EXPECT_EQ(resolve_uri(base, "/x/y"), "http://a.example:8080/x/y");
  EXPECT_EQ(resolve_uri(base, "//b.example/x"), "http://b.example/x");
  EXPECT_EQ(resolve_uri(base, "https://b.example/x"), "https://b.example/x");
  EXPECT_EQ(resolve_uri(base, "?q=1"), "http://a.example:8080/live/tv/tracks-v1/index.m3u8?q=1");
  EXPECT_EQ(resolve_uri(base, ""), base);
  EXPECT_EQ(resolve_uri("/live/index.m3u8", "tracks-v1/a.ts"), "/live/tracks-v1/a.ts");
  EXPECT_EQ(resolve_uri("/live/index.m3u8", ".."), "/");
  EXPECT_EQ(resolve_uri("http://a.example", "x"), "http://a.example/x");
}

}  // namespace
}  // namespace sluice::m3u8
