#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "format/m3u8/rules.hpp"

namespace sluice::m3u8 {
namespace {

MasterPlaylist good() {
  MasterPlaylist playlist;
  for (const auto* group : {"aac", "ac3"}) {
    playlist.renditions.push_back(
        {.group_id = group, .name = "eng", .language = "en", .uri = "a1.m3u8", .is_default = true, .autoselect = true});
    playlist.renditions.push_back(
        {.group_id = group, .name = "deu", .language = "de", .uri = "a2.m3u8", .autoselect = true});
  }
  playlist.renditions.push_back(
      {.type = Rendition::Type::subtitles, .group_id = "subs", .name = "eng", .uri = "t1.m3u8"});
  playlist.renditions.push_back(
      {.type = Rendition::Type::closed_captions, .group_id = "cc", .name = "CC1", .instream_id = "CC1"});
  playlist.variants = {{.uri = "v1.m3u8",
                        .bandwidth = 1,
                        .codecs = "avc1.64001f,mp4a.40.2",
                        .audio = "aac",
                        .subtitles = "subs",
                        .closed_captions = "cc"},
                       {.uri = "v2.m3u8",
                        .bandwidth = 1,
                        .codecs = "avc1.64001f,ac-3",
                        .audio = "ac3",
                        .subtitles = "subs",
                        .closed_captions = "cc"}};
  return playlist;
}

std::set<Rule> broken(const std::function<void(MasterPlaylist&)>& spoil) {
  auto playlist = good();
  spoil(playlist);
  std::set<Rule> out;
  for (const auto& violation : check(playlist)) out.insert(violation.rule);
  return out;
}

TEST(MasterRules, HaveNothingAgainstAGoodPlaylist) { EXPECT_TRUE(check(good()).empty()); }

TEST(MasterRules, FindFaults) {
  using Rules = std::set<Rule>;
  EXPECT_EQ(broken([](auto& p) { p.variants[0].codecs.clear(); }), Rules{Rule::codecs_present});
  EXPECT_EQ(broken([](auto& p) { p.variants[0].audio = "opus"; }), Rules{Rule::group_exists});
  EXPECT_EQ(broken([](auto& p) { p.variants[0].subtitles = "aac"; }), Rules{Rule::group_exists})
      << "a group of another type";
  EXPECT_EQ(broken([](auto& p) { p.variants[0].closed_captions = "x"; }), Rules{Rule::group_exists});
  EXPECT_EQ(broken([](auto& p) {
              for (auto& r : p.renditions) r.name = "eng";
            }),
            (Rules{Rule::group_names_unique}));
  EXPECT_EQ(broken([](auto& p) {
              for (auto& r : p.renditions) r.is_default = r.autoselect = true;
            }),
            Rules{Rule::group_one_default});
  EXPECT_EQ(broken([](auto& p) { p.renditions[0].autoselect = p.renditions[2].autoselect = false; }),
            Rules{Rule::default_is_autoselect});
  EXPECT_EQ(broken([](auto& p) { p.renditions[3].language = "nl"; }), Rules{Rule::group_members_alike});
  EXPECT_EQ(broken([](auto& p) { p.renditions[4].uri.clear(); }), Rules{Rule::subtitles_have_uri});
  EXPECT_EQ(broken([](auto& p) { p.renditions[5].uri = "cc.m3u8"; }), Rules{Rule::subtitles_have_uri});
}

TEST(Rules, HaveARowEachAndPrintWhereTheyBroke) {
  std::set<std::string_view> names;
  for (const auto& rule : rules()) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_TRUE(rule.text.ends_with('.')) << rule.name;
    EXPECT_EQ(&row(rule.rule), &rule);
  }
  EXPECT_EQ(
      to_string(Violation{.rule = Rule::part_within_target, .playlist = "a.m3u8", .reload = 7, .what = "it is long"}),
      "a.m3u8, answer 7: part_within_target (4.4.4.9, MUST): it is long");
}

TEST(Rules, StandInTheTableOfTheDocumentation) {
  std::ifstream file("docs/ll-hls.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(page.empty()) << "run from the root of the repository";
  for (const auto& rule : rules()) EXPECT_TRUE(page.contains("`" + std::string(rule.name) + "`")) << rule.name;
}

}  // namespace
}  // namespace sluice::m3u8
