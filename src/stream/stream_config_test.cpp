#include "stream/stream_config.hpp"

#include <gtest/gtest.h>

namespace sluice::stream {
namespace {

using namespace std::chrono_literals;

TEST(SourceTimeout, TheInputGoesBeforeTheStreamBeforeTheDefault) {
  StreamConfig stream;
  InputConfig input{.scheme = "fake", .url = "fake://fake"};
  EXPECT_EQ(source_timeout(stream, input), 60s);
  stream.source_timeout = 10s;
  EXPECT_EQ(source_timeout(stream, input), 10s);
  input.source_timeout = kNever;
  EXPECT_EQ(source_timeout(stream, input), kNever);
}

TEST(SourceTimeout, APublisherIsGivenUpAtOnce) {
  const InputConfig publish{.scheme = "publish", .url = "publish://"};
  EXPECT_EQ(source_timeout({}, publish), 0s);
  EXPECT_EQ(source_timeout({.source_timeout = 3s}, publish), 3s);
}

std::vector<TemplateConfig> templates() {
  return {{.options = {.name = "any", .inputs = {{.scheme = "publish", .url = "publish://"}}}, .prefixes = {""}},
          {.options = {.name = "ams",
                       .inputs = {{.scheme = "fake", .url = "fake://h/%s/x%s", .options = {{"key", "%s"}}}},
                       .title = "T"},
           .prefixes = {"ams", "old/ams"}},
          {.options = {.name = "deep"}, .prefixes = {"ams/deep"}},
          {.options = {.name = "closed", .disabled = true}, .prefixes = {"closed"}}};
}

std::string made_by(std::string_view name) {
  const auto made = make_from_template(templates(), name);
  return made ? made->template_name : "";
}

TEST(Template, TheLongestPrefixWins) {
  EXPECT_EQ(made_by("ams/ort"), "ams");
  EXPECT_EQ(made_by("old/ams/ort"), "ams");
  EXPECT_EQ(made_by("ams/deep/ort"), "deep");
  EXPECT_EQ(made_by("ams/deeper"), "ams");
}

TEST(Template, APrefixMatchesWholePartsOnly) {
  EXPECT_EQ(made_by("ams"), "any");
  EXPECT_EQ(made_by("amsterdam/a"), "any");
  EXPECT_EQ(made_by("a"), "any");
}

TEST(Template, ADisabledOneMakesNothing) { EXPECT_EQ(made_by("closed/a"), ""); }

TEST(Template, WithoutOneThatMatchesNothingIsMade) {
  const auto all = templates();
  EXPECT_FALSE(make_from_template(std::span(all).subspan(1), "a"));
  EXPECT_FALSE(make_from_template({}, "a"));
}

TEST(Template, MakesAStreamOfTheRequestedName) {
  const auto made = make_from_template(templates(), "ams/a/b");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->name, "ams/a/b");
  EXPECT_EQ(made->title, "T");
  EXPECT_FALSE(made->is_static);
  ASSERT_EQ(made->inputs.size(), 1u);
  EXPECT_EQ(made->inputs[0].url, "fake://h/a/b/xa/b");
  EXPECT_EQ(made->inputs[0].options.at("key"), "a/b");
}

}  // namespace
}  // namespace sluice::stream
