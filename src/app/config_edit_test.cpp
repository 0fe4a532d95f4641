#include "app/config_edit.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>

#include "app/server_schema.hpp"

namespace sluice::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ConfigSource source_of(std::vector<std::string> texts) {
  ConfigSource source;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    source.files.push_back({.path = i == 0 ? "main" : "main.d/" + std::to_string(i), .text = std::move(texts[i])});
  }
  return source;
}

ServerConfig parsed(const ConfigSource& source) {
  auto config = parse_config(source);
  if (config) return *std::move(config);
  ADD_FAILURE() << to_string(config.error().front());
  return {};
}

using Change = std::function<void(ServerConfig&)>;

/// The files after the change, or the first message.
std::expected<ConfigSource, std::string> edited(ConfigSource source, const Change& change) {
  const auto before = parsed(source);
  auto after = before;
  change(after);
  const auto files = edit_source(source, before, after);
  if (!files) return std::unexpected(to_string(files.error().front()));
  for (const ConfigFile& file : *files) {
    std::ranges::find(source.files, file.path, &ConfigFile::path)->text = file.text;
  }
  return source;
}

std::string edited(const std::string& text, const Change& change) {
  const auto out = edited(source_of({text}), change);
  return out ? out->files[0].text : out.error();
}

TEST(ConfigEdit, ReplacesTheStatementOfWhatChangedAndNothingElse) {
  const std::string text = R"(# My server
http 80;   # the port

stream a { title  "A" ; }   # first
  stream b {
    input publish://;   # lost with the statement
  }
# the end)";
  EXPECT_EQ(edited(text, [](ServerConfig& c) { c.streams[1].title = "B"; }), R"(# My server
http 80;   # the port

stream a { title  "A" ; }   # first
  stream b {
    input publish://;
    title B;
  }
# the end)");
  EXPECT_EQ(edited(text, [](ServerConfig& c) { c.streams.pop_back(); }), R"(# My server
http 80;   # the port

stream a { title  "A" ; }   # first
# the end)");
  EXPECT_EQ(edited(text, [](ServerConfig&) {}), text);
}

TEST(ConfigEdit, AppendsWhatIsNewToTheMainFile) {
  const auto change = [](ServerConfig& c) {
    c.streams.push_back({.name = "new", .inputs = {}, .title = "New"});
    c.loglevel = LogLevel::debug;
  };
  EXPECT_EQ(edited("http 80; # no line end", change),
            "http 80; # no line end\nloglevel debug;\nstream new {\n  title New;\n}\n");
  EXPECT_EQ(edited("", change), "loglevel debug;\nstream new {\n  title New;\n}\n");
  EXPECT_EQ(edited("loglevel info;\n", change), "loglevel debug;\nstream new {\n  title New;\n}\n")
      << "also where it only said the default";
}

TEST(ConfigEdit, SavesEachObjectWhereItStands) {
  const auto out = edited(source_of({"stream a { }", "# b\nstream b { }\n", "stream c { }"}), [](ServerConfig& c) {
    c.streams[1].title = "B";
    c.streams.erase(c.streams.begin() + 2);
    c.streams.push_back({.name = "d", .inputs = {}});
  });
  ASSERT_TRUE(out) << out.error();
  EXPECT_EQ(out->files[0].text, "stream a { }\nstream d {\n}\n");
  EXPECT_EQ(out->files[1].text, "# b\nstream b {\n  title B;\n}\n");
  EXPECT_EQ(out->files[2].text, "");
}

TEST(ConfigEdit, ListenersChangeOneByOne) {
  EXPECT_EQ(edited("http 80; # first\nhttp 127.0.0.1:81;\nhttp 82 { api false; }\n",
                   [](ServerConfig& c) {
                     c.http[1].api = false;
                     c.http.erase(c.http.begin());
                     c.http.push_back({.address = "", .port = 83, .origin = {}});
                   }),
            "# first\nhttp 127.0.0.1:81 {\n  api false;\n}\nhttp 82 { api false; }\nhttp 83;\n");
}

TEST(ConfigEdit, WhatATemplateGivesGoesWithTheTemplate) {
  const std::string text = "template t { title T; }\nstream a { template t; } # its own\nurl_prefix http://a;\n";
  const auto out = edited(text, [](ServerConfig& c) { c.templates[0].options.title = "U"; });
  EXPECT_EQ(out, "template t {\n  title U;\n}\nstream a { template t; } # its own\nurl_prefix http://a;\n");
  EXPECT_EQ(parsed(source_of({out})).streams[0].title, "U");
  EXPECT_EQ(edited(text, [](ServerConfig& c) { c.stream_defaults.url_prefix = "http://b"; }),
            "template t { title T; }\nstream a { template t; } # its own\nurl_prefix http://b;\n");
}

TEST(ConfigEdit, OldFormsBecomeCurrentOnesWhenTheyChange) {
  EXPECT_EQ(edited("live pub { }\nondemand cam { input fake://fake; }\n",
                   [](ServerConfig& c) { c.templates[0].options.title = "L"; }),
            "template pub {\n  prefix pub;\n  input publish://;\n  title L;\n}\nondemand cam { input fake://fake; }\n");
}

TEST(ConfigEdit, WhatCannotBeSavedIsRefused) {
  EXPECT_THAT(edited("stream a { }", [](ServerConfig& c) { c.streams.push_back(c.streams[0]); }),
              HasSubstr("stream 'a' is there twice"));
  EXPECT_THAT(edited("template t { }\nstream a { template t; }", [](ServerConfig& c) { c.templates.clear(); }),
              HasSubstr("unknown template 't'"));
  EXPECT_THAT(edited("http 80;", [](ServerConfig& c) { c.rtmp.push_back({.address = "", .port = 80, .origin = {}}); }),
              HasSubstr("port 80 is already taken"));
  auto source = source_of({"http 80;"});
  source.environment = {{.variable = "SLUICE_HTTP", .value = "8080"}};
  EXPECT_THAT(edited(source, [](ServerConfig& c) { c.http[0].api = false; }).error(),
              HasSubstr("an environment variable says otherwise"));
}

// --- any edit -----------------------------------------------------------------------------------------------------

std::string any_blank() { return *rc::gen::element<std::string>(" ", "\n", "\n\n  ", "\t", "  # {;\"\n"); }

/// A config of up to three files, with any layout and a numbered comment before each statement.
ConfigSource any_source() {
  std::vector<std::string> texts(*rc::gen::inRange<std::size_t>(1, 4));
  int comments = 0;
  const auto put = [&](const std::string& statement) {
    std::string& text = texts[*rc::gen::inRange<std::size_t>(0, texts.size())];
    text += fmt::format("{}# c{} ;\n{}", any_blank(), ++comments, *rc::gen::element<std::string>("", "  ", "\t"));
    text += statement;
  };
  if (*rc::gen::arbitrary<bool>()) put("loglevel" + any_blank() + "error;");
  if (*rc::gen::arbitrary<bool>()) put("url_prefix http://a;");
  for (const int port : {80, 81}) {
    if (*rc::gen::arbitrary<bool>())
      put(fmt::format("http{}127.0.0.1:{} {{ api {}; }}", any_blank(), port, *rc::gen::arbitrary<bool>()));
  }
  const bool has_template = *rc::gen::arbitrary<bool>();
  if (has_template) put("template t" + any_blank() + "{ title \"T;\"; prefix t; }");
  for (const std::string name : {"a", "b", "c/d"}) {
    if (*rc::gen::inRange(0, 4) == 0) continue;
    std::string inside = any_blank();
    if (has_template && *rc::gen::arbitrary<bool>()) inside += "template t;" + any_blank();
    if (*rc::gen::arbitrary<bool>()) inside += "title \"x # y\";" + any_blank();
    if (*rc::gen::arbitrary<bool>()) inside += "input publish:// priority=3;" + any_blank();
    put(*rc::gen::element<std::string>("stream ", "ondemand ") + name + any_blank() + "{" + inside + "}" +
        *rc::gen::element<std::string>("", ";"));
  }
  return source_of(std::move(texts));
}

void change_anything(ServerConfig& config) {
  const auto title = *rc::gen::element<std::string>("", "one", "two {", "# \"");
  for (stream::StreamConfig& stream : config.streams) {
    if (*rc::gen::inRange(0, 3) == 0) stream.title = title;
    if (*rc::gen::inRange(0, 4) == 0) stream.inputs.clear();
    if (*rc::gen::inRange(0, 4) == 0) stream.segment_count = *rc::gen::inRange(2u, 9u);
  }
  std::erase_if(config.streams, [](const auto&) { return *rc::gen::inRange(0, 4) == 0; });
  if (*rc::gen::arbitrary<bool>()) {
    config.streams.push_back(config.stream_defaults);
    config.streams.back().name = "new";
    config.streams.back().title = title;
  }
  for (Listener& listener : config.http) listener.api = *rc::gen::arbitrary<bool>();
  std::erase_if(config.http, [](const auto&) { return *rc::gen::inRange(0, 4) == 0; });
  if (*rc::gen::arbitrary<bool>()) config.rtmp.push_back({.address = "::1", .port = 1935, .origin = {}});
  config.loglevel = *rc::gen::element(LogLevel::info, LogLevel::error, LogLevel::debug);
}

void sort(ServerConfig& config) {
  config.warnings.clear();
  std::ranges::sort(config.streams, {}, &stream::StreamConfig::name);
  std::ranges::sort(config.http, {}, &Listener::port);
}

/// The numbers of the comments in all files.
std::vector<int> comments(const ConfigSource& source) {
  std::vector<int> out;
  for (const ConfigFile& file : source.files) {
    for (auto at = file.text.find("# c"); at != std::string::npos; at = file.text.find("# c", at + 1)) {
      out.push_back(std::stoi(file.text.substr(at + 3)));
    }
  }
  return out;
}

RC_GTEST_PROP(ConfigEdit, WhatIsSavedIsWhatWasWanted, ()) {
  const auto source = any_source();
  const auto before = parse_config(source);
  RC_ASSERT(before.has_value());
  ServerConfig after = *before;
  change_anything(after);
  const auto files = edit_source(source, *before, after);
  RC_ASSERT(files.has_value());
  ConfigSource saved = source;
  for (const ConfigFile& file : *files) {
    std::ranges::find(saved.files, file.path, &ConfigFile::path)->text = file.text;
  }
  auto read = parse_config(saved);
  RC_ASSERT(read.has_value());
  sort(*read);
  sort(after);
  RC_ASSERT(*read == after);
  RC_ASSERT(comments(saved) == comments(source));
}

}  // namespace
}  // namespace sluice::app
