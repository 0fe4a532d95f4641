#include "app/server_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "app/server_schema.hpp"

namespace sluice::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr const char* kCorpus = "tests/corpus/config/";

std::vector<std::string> messages(const std::vector<config::Diagnostic>& diagnostics) {
  std::vector<std::string> out;
  for (const auto& diagnostic : diagnostics) out.push_back(to_string(diagnostic));
  return out;
}

std::vector<std::string> errors(std::string_view text) {
  const auto config = parse_config(text, "f");
  return config ? std::vector<std::string>{} : messages(config.error());
}

ServerConfig read_well(std::string_view text) {
  auto config = parse_config(text, "f");
  if (config) return *std::move(config);
  ADD_FAILURE() << to_string(config.error().front());
  return {};
}

/// Compares with a file of the repository; with SLUICE_UPDATE_GOLDEN=1 writes it.
void expect_golden(const std::string& path, const std::string& actual) {
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << actual;
  std::stringstream expected;
  expected << std::ifstream(path).rdbuf();
  EXPECT_EQ(actual, expected.str()) << "run the tests with SLUICE_UPDATE_GOLDEN=1 if " << path << " should change";
}

TEST(ServerConfig, TheAcceptanceCorpusIsKnownDirectiveByDirective) {
  const auto config = load_config(std::string(kCorpus) + "acceptance.conf");
  ASSERT_FALSE(config);
  std::string found;
  for (const auto& message : messages(config.error())) {
    EXPECT_THAT(message, HasSubstr("is not supported yet"));
    found += message + "\n";
  }
  expect_golden("tests/golden/config/acceptance.txt", found);
}

TEST(ServerConfig, EverySupportedFormIsReadAndWrittenInTheCurrentOne) {
  const auto config = load_config(std::string(kCorpus) + "supported.conf");
  ASSERT_TRUE(config) << to_string(config.error().front());
  const auto text = to_text(*config);
  expect_golden("tests/golden/config/supported.txt", text);

  auto again = read_well(text);
  EXPECT_THAT(again.warnings, IsEmpty());
  again.warnings = config->warnings;
  EXPECT_EQ(again, *config);
}

TEST(ServerConfig, TheReferencePageComesFromTheRows) { expect_golden("docs/reference/config.md", config_reference()); }

TEST(ServerConfig, ReadsTlsPorts) {
  const auto config = read_well(
      "certificate a.crt;\ncertificate \"/b c.pem\" d.key;\nhttps 443;\n"
      "https 444 { api false; ssl_protocols tlsv1.1 tlsv1.2; }\nrtmps 1443 { ssl_protocols tlsv1.3; }");
  EXPECT_THAT(config.certificates,
              ElementsAre(CertificateRow{"a.crt", "", {}}, CertificateRow{"/b c.pem", "d.key", {}}));
  EXPECT_THAT(config.https,
              ElementsAre(Listener{"", 443, true, {}, {}},
                          Listener{"", 444, false, {}, {.tls1_1 = true, .tls1_2 = true, .tls1_3 = false}}));
  EXPECT_THAT(config.rtmps, ElementsAre(Listener{"", 1443, true, {}, {.tls1_2 = false}}));
  EXPECT_EQ(read_well(to_text(config)), config);
  EXPECT_THAT(
      errors("https 443 { ssl_protocols tlsv2; }"),
      ElementsAre("f:1:27: bad value 'tlsv2' of 'ssl_protocols', expected one of tlsv1 tlsv1.1 tlsv1.2 tlsv1.3"));
  EXPECT_THAT(errors("https 443 { ssl_protocols; }"), ElementsAre(HasSubstr("'ssl_protocols' has no value")));
  EXPECT_THAT(errors("http 443;\nhttps 443;"), ElementsAre(HasSubstr("port 443 is already taken by 'http'")));
}

TEST(ServerConfig, ReadsListeners) {
  const auto config = read_well("http 80 { api false; } http 127.0.0.1:81; rtmp [::1]:1935; loglevel error,notice;");
  read_well("http 0.0.0.0:80; http [::1]:80;");
  EXPECT_THAT(config.http, ElementsAre(Listener{"", 80, false, {}}, Listener{"127.0.0.1", 81, true, {}}));
  EXPECT_THAT(config.rtmp, ElementsAre(Listener{"::1", 1935, true, {}}));
  EXPECT_EQ(config.loglevel, LogLevel::notice);
}

TEST(ServerConfig, StreamsStartFromTheServerThenTheirTemplateInAnyOrder) {
  const auto config = read_well(R"(
      stream a { template t; title own; }
      stream b { template t; url_prefix false; segment_count 5; }
      stream c { }
      template t { prefix p; title shared; segment_count 9; input publish://; }
      url_prefix http://cdn/; merge_window 100;)");
  ASSERT_EQ(config.streams.size(), 3u);
  const auto& [a, b, c] = std::tie(config.streams[0], config.streams[1], config.streams[2]);
  EXPECT_EQ(a.template_name, "t");
  EXPECT_EQ(a.title, "own");
  EXPECT_EQ(a.segment_count, 9u);
  EXPECT_EQ(a.url_prefix, "http://cdn/");
  EXPECT_EQ(a.inputs.size(), 1u);
  EXPECT_EQ(b.title, "shared");
  EXPECT_EQ(b.segment_count, 5u);
  EXPECT_EQ(b.url_prefix, "");
  EXPECT_EQ(c.url_prefix, "http://cdn/");
  EXPECT_EQ(c.merge_window.length, std::chrono::milliseconds(100));
  EXPECT_EQ(c.segment_count, 4u);
  EXPECT_EQ(config.templates.at(0).options.url_prefix, "http://cdn/");
}

TEST(ServerConfig, OldFormsMeanTheCurrentOnes) {
  const auto same = [](std::string_view old, std::string_view now) {
    auto config = read_well(old);
    config.warnings.clear();
    EXPECT_EQ(config, read_well(now)) << old;
  };
  same("stream a fake://fake;", "stream a { input fake://fake; }");
  same("stream a fake://fake fps=5;", "stream a { input fake://fake fps=5; }");
  same("ondemand a fake://fake;", "stream a { static false; input fake://fake; }");
  same("ondemand a { url fake://fake; }", "stream a { static false; input fake://fake; }");
  same("live chats { title t; }", "template chats { prefix chats; input publish://; title t; }");
  same("rewrite ams fake://fake;", "template ams { prefix ams; input fake://fake; }");
  same("stream a { publish_enabled; }", "stream a { input publish://; }");
}

TEST(ServerConfig, WarnsOfOldFormsAndOfWhatHasNoEffect) {
  EXPECT_THAT(
      messages(read_well("live a;\npulsedb /var;\nondemand b { url fake://fake; }").warnings),
      ElementsAre("f:1:1: warning: 'live' is an old form, now 'template NAME { prefix NAME; input publish://; ... }'",
                  "f:2:1: warning: 'pulsedb' has no effect", "f:3:14: warning: 'url' is an old spelling of 'input'"));
}

TEST(ServerConfig, APlaceInTheFileIsNoPartOfTheValue) {
  EXPECT_EQ(read_well("stream a { input fake://fake; }"),
            read_well("\n\n# later\nstream a {\n  input fake://fake;\n}"));
  EXPECT_EQ(read_well("\n stream a { input fake://fake; }").streams.at(0).inputs.at(0).origin.at,
            (config::Position{2, 13}));
}

struct Wrong {
  std::string_view text;
  std::vector<std::string> errors;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.text; }

class WrongConfig : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongConfig, IsRefusedWithItsPlace) { EXPECT_EQ(errors(GetParam().text), GetParam().errors); }

INSTANTIATE_TEST_SUITE_P(
    Syntax, WrongConfig,
    ::testing::Values(
        Wrong{"http 80", {"f:1:8: unexpected end of file, expected ';' at the end of 'http'"}},
        Wrong{"http 80\nrtmp 1935;", {"f:1:8: 'http' does not end, expected ';'"}},
        Wrong{"stream a {\n  input fake://fake\n}", {"f:3:1: unexpected '}', expected ';' at the end of 'input'"}},
        Wrong{"stream a {\n  input fake://fake;\n", {"f:1:10: the block of 'stream' is not closed, expected '}'"}},
        Wrong{"stream a { }\n}", {"f:2:1: unexpected '}', expected a directive"}},
        Wrong{"stream a { title \"x; }",
              {"f:1:10: the block of 'stream' is not closed, expected '}'",
               "f:1:18: string is not closed on its line, expected '\"'",
               "f:1:23: unexpected end of file, expected ';' at the end of 'title'"}},
        Wrong{"{rtmp,1935}.",
              {"f:1:1: unexpected '{', expected a directive",
               "f:1:11: unexpected '}', expected ';' at the end of 'rtmp,1935'",
               "f:1:11: unexpected '}', expected a directive",
               "f:1:13: unexpected end of file, expected ';' at the end of '.'"}}));

INSTANTIATE_TEST_SUITE_P(
    Directives, WrongConfig,
    ::testing::Values(
        Wrong{"htpp 80;", {"f:1:1: unknown directive 'htpp' in 'server'; did you mean 'http'?"}},
        Wrong{"segment_count 4;",
              {"f:1:1: misplaced directive 'segment_count' in 'server', expected it in 'stream' or 'template'"}},
        Wrong{"stream a { http 80; }", {"f:1:12: misplaced directive 'http' in 'stream', expected it in 'server'"}},
        Wrong{"http 80 { apis; }", {"f:1:11: unknown directive 'apis' in 'http'; did you mean 'api'?"}},
        Wrong{"http;",
              {"f:1:5: 'http' has no value, expected a port, or an address and a port, like 80, 127.0.0.1:80 or "
               "[::1]:80"}},
        Wrong{"rtmp 1935 { }", {"f:1:11: 'rtmp' has no block, expected ';'"}},
        Wrong{"http 80 81;", {"f:1:9: unexpected '81' in 'http', expected ';'"}},
        Wrong{"http 80 81 { }", {"f:1:9: unexpected '81' in 'http', expected '{'"}},
        Wrong{"loglevel loud;",
              {"f:1:10: bad value 'loud' of 'loglevel', expected one of debug info notice warning error "
               "critical alert none"}},
        Wrong{"rtsp 554;\nstream a { dvr /storage 5d; input udp://239.0.0.1:1; }",
              {"f:1:1: 'rtsp' is not supported yet", "f:2:12: 'dvr' is not supported yet",
               "f:2:35: 'udp://' is not supported yet"}}));

INSTANTIATE_TEST_SUITE_P(
    Objects, WrongConfig,
    ::testing::Values(
        Wrong{
            "stream;",
            {"f:1:7: 'stream' has no value, expected a name of Latin letters, digits, '.', '-' and '_', in parts with "
             "'/' between them"}},
        Wrong{"stream ../a { }",
              {"f:1:8: bad value '../a' of 'stream', expected a name of Latin letters, digits, '.', '-' and "
               "'_', in parts with '/' between them"}},
        Wrong{"stream a b { }", {"f:1:10: unexpected 'b' in 'stream', expected '{'"}},
        Wrong{"stream a { }\nstream a { }", {"f:2:1: stream 'a' is already defined in line 1"}},
        Wrong{"template a { }\ntemplate a { }", {"f:2:1: template 'a' is already defined in line 1"}},
        Wrong{"template a { prefix x; }\ntemplate b { prefix x; }", {"f:2:1: prefix 'x' is already defined in line 1"}},
        Wrong{"template chat { }\nstream a { template chats; }",
              {"f:2:21: unknown template 'chats'; did you mean 'chat'?"}},
        Wrong{"template a { template b; }",
              {"f:1:14: misplaced directive 'template' in 'template', expected it in 'server' or "
               "'stream'"}},
        Wrong{"http 80;\nhttp 80;", {"f:2:1: port 80 is already taken by 'http' in line 1"}},
        Wrong{"http 127.0.0.1:80;\nhttp 80;", {"f:2:1: port 80 is already taken by 'http' in line 1"}},
        Wrong{"http 0.0.0.0:80;\nhttp 127.0.0.1:80;", {"f:2:1: port 80 is already taken by 'http' in line 1"}},
        Wrong{"http [::1]:80;\nhttp [::]:80;", {"f:2:1: port 80 is already taken by 'http' in line 1"}},
        Wrong{"http 80;\nrtmp 127.0.0.1:80;",
              {"f:2:1: port 80 is already taken by 'http' in line 1; a port for two protocols is "
               "not supported yet"}}));

TEST(ServerConfig, FakeTakesWhatItsProgramTakes) {
  const auto options = [](const std::string& query) {
    return read_well("stream a { input fake://fake?" + query + "; }").streams.at(0).inputs.at(0).options;
  };
  EXPECT_THAT(options(""),
              ElementsAre(Pair("bitrate", "500"), Pair("fps", "25"), Pair("height", "240"), Pair("width", "320")));
  EXPECT_THAT(
      options("bitrate=4M&fps=30000/1001&height=1080&width=1920"),
      ElementsAre(Pair("bitrate", "4000"), Pair("fps", "30000/1001"), Pair("height", "1080"), Pair("width", "1920")));
  EXPECT_EQ(options("fps=29.97").at("fps"), "29.97");
  EXPECT_EQ(options("fps=0.1").at("fps"), "0.1");
  for (const std::string wrong : {"width=641", "width=126", "height=4322", "bitrate=9", "fps=0", "fps=241", "fps=1/11",
                                  "fps=25/0", "fps=1.5/1", "fps=/", "fps=25.", "fps=99999999999/1"}) {
    EXPECT_EQ(errors("stream a { input fake://fake " + wrong + "; }").size(), 1u) << wrong;
  }
}

TEST(ServerConfig, ReportsAtMostAHundredErrors) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "nothing" + std::to_string(i) + ";\n";
  EXPECT_EQ(errors(text).size(), config::Diagnostics::kMaxErrors);
}

TEST(ServerConfig, AFileThatCannotBeReadIsAnError) {
  const auto config = load_config("tests/corpus/config/nothing.conf");
  ASSERT_FALSE(config);
  EXPECT_THAT(messages(config.error()),
              ElementsAre("tests/corpus/config/nothing.conf: cannot be read: No such file or directory"));
  EXPECT_FALSE(load_config("tests"));
}

}  // namespace
}  // namespace sluice::app
