#include "app/config_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/test_folder.hpp"

namespace sluice::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> messages(const std::vector<config::Diagnostic>& diagnostics) {
  std::vector<std::string> out;
  for (const auto& diagnostic : diagnostics) out.push_back(to_string(diagnostic));
  return out;
}

std::vector<std::string> names(const ServerConfig& config) {
  std::vector<std::string> out;
  for (const auto& stream : config.streams) out.push_back(stream.name);
  return out;
}

// --- drop-ins -----------------------------------------------------------------------------------------------------

TEST(ConfigFiles, DropInsAreReadInTheOrderOfTheirNames) {
  const test::Folder folder;
  folder.write("s.conf", "http 80;\nstream a { }");
  folder.write("s.conf.d/20-second", "stream c { template t; }");
  folder.write("s.conf.d/10-first.conf", "stream b { }");
  folder.write("s.conf.d/30.templates", "template t { title T; }");
  for (const std::string left : {".hidden", "x~", "x.bak", "x.conf.dpkg-old", "x.conf.ucf-dist", "#x#", ".x.swp"}) {
    folder.write("s.conf.d/" + left, "nonsense");
  }
  folder.write("s.conf.d/folder/x", "nonsense");
  const auto config = load_config(folder.path("s.conf"));
  ASSERT_TRUE(config) << to_string(config.error().front());
  EXPECT_THAT(names(*config), ElementsAre("a", "b", "c"));
  EXPECT_EQ(config->streams[2].title, "T") << "a template of a later file";
}

TEST(ConfigFiles, ErrorsNameTheFile) {
  const test::Folder folder;
  folder.write("s.conf", "stream a { }\nhttp 80;");
  folder.write("s.conf.d/x", "\n stream a { }");
  folder.write("s.conf.d/y", "http 80;\nloglevel info; loglevel loud;");
  const auto config = load_config(folder.path("s.conf"));
  ASSERT_FALSE(config);
  const auto main = folder.path("s.conf").string();
  const auto y = main + ".d/y";
  EXPECT_THAT(messages(config.error()),
              ElementsAre(main + ".d/x:2:2: stream 'a' is already defined in line 1 of " + main,
                          y + ":1:1: port 80 is already taken by 'http' in line 2 of " + main,
                          y + ":2:16: 'loglevel' is already set in line 2"));
}

TEST(ConfigFiles, WhatCannotBeReadIsAnError) {
  const test::Folder folder;
  const auto missing = load_config(folder.path("s.conf"));
  ASSERT_FALSE(missing);
  EXPECT_THAT(messages(missing.error()),
              ElementsAre(folder.path("s.conf").string() + ": cannot be read: No such file or directory"));
}

TEST(ConfigFiles, LinksAreFollowedAsContainerPlatformsMakeThem) {
  const test::Folder folder;
  folder.write("s.conf", "");
  folder.write("s.conf.d/..2026/x", "stream a { }");
  std::filesystem::create_directory_symlink("..2026", folder.path("s.conf.d/..data"));
  std::filesystem::create_symlink("..data/x", folder.path("s.conf.d/x"));
  std::filesystem::create_symlink("nowhere", folder.path("s.conf.d/y"));
  const auto config = load_config(folder.path("s.conf"));
  ASSERT_TRUE(config) << to_string(config.error().front());
  EXPECT_THAT(names(*config), ElementsAre("a"));
}

// --- the environment ----------------------------------------------------------------------------------------------

std::vector<EnvironmentSetting> settings(std::vector<const char*> environment) { return settings_of(environment); }

std::expected<ServerConfig, std::vector<config::Diagnostic>> parse(std::string text, std::vector<const char*> env) {
  return parse_config(ConfigSource{.files = {{.path = "f", .text = std::move(text)}}, .environment = settings(env)});
}

TEST(ConfigEnvironment, AVariableTakesThePlaceOfItsDirective) {
  const auto config = parse("http 80; http 81 { api false; } rtmp 1935; logrequests_not;", {});
  EXPECT_FALSE(config);
  const auto made = parse("http 80; http 81 { api false; } rtmp 1935; loglevel error;",
                          {"SLUICE_HTTP=8080,127.0.0.1:8081", "FLUSSONIC_LOG_LEVEL=debug", "PATH=/bin"});
  ASSERT_TRUE(made) << to_string(made.error().front());
  EXPECT_THAT(made->http, ElementsAre(Listener{"", 8080, true, {}}, Listener{"127.0.0.1", 8081, true, {}}));
  EXPECT_EQ(made->rtmp.size(), 1u);
  EXPECT_EQ(made->loglevel, LogLevel::debug);
  EXPECT_THAT(made->warnings, IsEmpty());
}

TEST(ConfigEnvironment, OurSpellingGoesBeforeTheOther) {
  EXPECT_THAT(settings({"FLUSSONIC_HTTP=1", "SLUICE_HTTP=2", "SLUICE_RTMP="}),
              ElementsAre(EnvironmentSetting{.variable = "SLUICE_HTTP", .value = "2"}))
      << "and what is empty is not set";
}

TEST(ConfigEnvironment, MistakesNameTheVariable) {
  const auto config = parse("http 80;", {"SLUICE_HTTP=eighty", "FLUSSONIC_SECRETS_STORAGE=k8s://x"});
  ASSERT_FALSE(config);
  EXPECT_THAT(messages(config.error()),
              ElementsAre("FLUSSONIC_SECRETS_STORAGE: is not supported yet",
                          "SLUICE_HTTP: /listeners/http: bad value 'eighty' of 'http', expected a port, or an "
                          "address and a port, like 80, 127.0.0.1:80 or [::1]:80"));
}

TEST(ConfigEnvironment, WhatIsNotSupportedYetIsAnErrorAndALicenceIsNot) {
  const auto config = parse("", {"SLUICE_CONFIG_EXTERNAL=http://x", "LICENSE_KEY=abc"});
  ASSERT_FALSE(config);
  EXPECT_THAT(messages(config.error()),
              ElementsAre("SLUICE_CONFIG_EXTERNAL: /config_external: 'config_external' is not supported yet"));
  const auto licensed = parse("", {"LICENSE_KEY=abc", "SLUICE_LOG_LEVLE=info", "SLUICE_PORT_80_TCP=tcp://10.0.0.1"});
  ASSERT_TRUE(licensed);
  EXPECT_THAT(messages(licensed->warnings),
              ElementsAre("LICENSE_KEY: warning: has no effect: no licence is needed",
                          "SLUICE_LOG_LEVLE: warning: is not known; did you mean 'SLUICE_LOG_LEVEL'?"));
}

}  // namespace
}  // namespace sluice::app
