#include "format/m3u8/playlist.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace sluice::m3u8 {
namespace {

TEST(Playlist, QueryGoesIntoEveryHole) {
  const Playlist playlist{.text = "a.ts\nb.ts\n", .holes = {4, 9}};
  EXPECT_EQ(render(playlist, ""), "a.ts\nb.ts\n");
  EXPECT_EQ(render(playlist, "?token=x"), "a.ts?token=x\nb.ts?token=x\n");
  EXPECT_EQ(rendered_size(playlist, "?token=x"), render(playlist, "?token=x").size());
}

TEST(Playlist, SlicesViewTheSharedTextAndCopyNothing) {
  const Playlist playlist{.text = "a.ts\nb.ts\n", .holes = {4, 9}};
  std::vector<std::string_view> out{"head"};
  slices(playlist, "?q", out);
  ASSERT_EQ(out.size(), 6u) << "appended behind what was there";
  EXPECT_EQ(out[1].data(), playlist.text.data());
  EXPECT_EQ(out[5], "\n");
  out.clear();
  slices(playlist, "", out);
  EXPECT_EQ(out, std::vector<std::string_view>{playlist.text}) << "one slice for viewers without a query";
}

TEST(Playlist, InheritedQueryDropsDirectivesAndKeepsTheRest) {
  EXPECT_EQ(inherited_query(""), "");
  EXPECT_EQ(inherited_query("?"), "");
  EXPECT_EQ(inherited_query("?token=a%20b&filter.tracks=v1a1"), "?token=a%20b&filter.tracks=v1a1");
  EXPECT_EQ(inherited_query("_HLS_msn=7&token=t&_HLS_part=2&_HLS_skip=YES"), "?token=t");
  EXPECT_EQ(inherited_query("_HLS_msn=7"), "");
  EXPECT_EQ(inherited_query("a=1&&b=2&"), "?a=1&b=2");
}

TEST(Playlist, InheritedQueryCannotEndAStringOrALineOrNameAVariable) {
  EXPECT_EQ(inherited_query("t=\"\r\n#EXT-X-ENDLIST"), "?t=%22%0D%0A%23EXT-X-ENDLIST");
  EXPECT_EQ(inherited_query("t={$x} \xff"), "?t=%7B$x%7D%20%FF");
}

RC_GTEST_PROP(Playlist, SlicesAreTheRendering, (const std::string& text, const std::string& query)) {
  Playlist playlist{.text = text, .holes = {}};
  for (std::uint32_t at = 0; at <= text.size(); ++at) {
    if (*rc::gen::arbitrary<bool>()) playlist.holes.push_back(at);
  }
  std::vector<std::string_view> views;
  slices(playlist, query, views);
  const std::string joined = std::accumulate(views.begin(), views.end(), std::string(),
                                             [](std::string all, std::string_view view) { return all.append(view); });
  RC_ASSERT(joined == render(playlist, query));
  RC_ASSERT(joined.size() == rendered_size(playlist, query));
}

}  // namespace
}  // namespace sluice::m3u8
