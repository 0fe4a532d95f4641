#include "config/syntax.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The statements on one line: `name(arg,arg){...}`.
std::string outline(const std::vector<Statement>& statements) {
  std::string out;
  for (const Statement& statement : statements) {
    out += (out.empty() ? "" : " ") + statement.name;
    std::string args;
    for (const Argument& argument : statement.args) args += "," + argument.text;
    if (!args.empty()) out += "(" + args.substr(1) + ")";
    if (statement.has_block) out += "{" + outline(statement.block) + "}";
  }
  return out;
}

std::string parsed(std::string_view text) {
  Diagnostics diagnostics("f");
  const auto statements = parse(text, diagnostics);
  EXPECT_TRUE(diagnostics.ok()) << to_string(diagnostics.errors().front());
  return outline(statements);
}

std::vector<std::string> errors(std::string_view text) {
  Diagnostics diagnostics("f");
  parse(text, diagnostics);
  std::vector<std::string> out;
  for (const auto& error : diagnostics.errors()) out.push_back(to_string(error));
  return out;
}

TEST(Syntax, ReadsStatementsAndBlocks) {
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("# only a comment"), "");
  EXPECT_EQ(parsed("iptv;"), "iptv");
  EXPECT_EQ(parsed("source t0 { only; }"), "source(t0){only}");
  EXPECT_EQ(parsed("stream a { input udp://h; silencedetect noise=-30dB; }"),
            "stream(a){input(udp://h) silencedetect(noise=-30dB)}");
  EXPECT_EQ(parsed("a {\n b { c; }\n}\nd 1\n 2;"), "a{b{c}} d(1,2)");
  EXPECT_EQ(parsed(R"(meta program_id "10"; prefix "";)"), "meta(program_id,10) prefix()");
}

TEST(Syntax, AcceptsAStraySemicolonBehindABlockOnly) {
  EXPECT_EQ(parsed("file vod { path /srv/ads; };a;"), "file(vod){path(/srv/ads)} a");
  EXPECT_THAT(errors("a {};;"), ElementsAre("f:1:6: unexpected ';', expected a directive"));
  EXPECT_THAT(errors("a;;"), ElementsAre("f:1:3: unexpected ';', expected a directive"));
}

TEST(Syntax, KeepsPlaces) {
  Diagnostics diagnostics("f");
  const auto statements = parse("a;\n bc d=\"e\" {\n}", diagnostics);
  ASSERT_EQ(statements.size(), 2u);
  const Statement& bc = statements[1];
  EXPECT_EQ(bc.at, (Position{2, 2}));
  EXPECT_EQ(bc.after, (Position{2, 4}));
  EXPECT_EQ(bc.block_at, (Position{2, 11}));
  ASSERT_EQ(bc.args.size(), 1u);
  EXPECT_EQ(bc.args[0].key(), "d");
  EXPECT_EQ(bc.args[0].value(), "e");
  EXPECT_EQ(bc.args[0].at, (Position{2, 5}));
  EXPECT_EQ(bc.args[0].after, (Position{2, 10}));
  EXPECT_TRUE(bc.args[0].quoted);
}

TEST(Syntax, ReportsWhatIsThereAndWhatShouldBe) {
  EXPECT_THAT(errors("http 80"), ElementsAre("f:1:8: unexpected end of file, expected ';' at the end of 'http'"));
  EXPECT_THAT(errors("a { b c }"), ElementsAre("f:1:9: unexpected '}', expected ';' at the end of 'b'"));
  EXPECT_THAT(errors("}\na;"), ElementsAre("f:1:1: unexpected '}', expected a directive"));
  EXPECT_THAT(errors("{ a; }"), ElementsAre("f:1:1: unexpected '{', expected a directive",
                                            "f:1:6: unexpected '}', expected a directive"));
  EXPECT_THAT(errors("\"a\" b;"), ElementsAre("f:1:1: unexpected string, expected a directive"));
  EXPECT_THAT(errors("http=80;"), ElementsAre("f:1:1: unexpected 'http=80', expected a directive",
                                              "f:1:8: unexpected ';', expected a directive"));
  EXPECT_THAT(errors("stream a {\n input b;\n"),
              ElementsAre("f:1:10: the block of 'stream' is not closed, expected '}'"));
  EXPECT_THAT(errors("a { b { c;"), ElementsAre("f:1:7: the block of 'b' is not closed, expected '}'"));
}

TEST(Syntax, GoesOnAfterAnErrorUpToABound) {
  EXPECT_THAT(errors("a { b }\n} c {\nd\n}"), ElementsAre("f:1:7: unexpected '}', expected ';' at the end of 'b'",
                                                          "f:2:1: unexpected '}', expected a directive",
                                                          "f:4:1: unexpected '}', expected ';' at the end of 'd'"));
  EXPECT_EQ(errors(std::string(100'000, '}')).size(), Diagnostics::kMaxErrors);
}

TEST(Syntax, BoundsDepthWordsAndSize) {
  std::string deep;
  for (std::size_t i = 0; i < kMaxDepth; ++i) deep += "a{";
  EXPECT_THAT(errors(deep + std::string(kMaxDepth, '}')), IsEmpty());
  EXPECT_THAT(errors(deep + "a{"), ElementsAre("f:1:34: more than 16 blocks within blocks"));
  std::string words;
  for (std::size_t i = 0; i <= kMaxWords; ++i) words += "a ";
  EXPECT_THAT(errors(words), ElementsAre("f:1:2000001: more than 1000000 words"));
  EXPECT_THAT(errors(std::string(kMaxFileSize + 1, ' ')),
              ElementsAre("f: a file of 16777217 bytes, expected at most 16777216"));
}

}  // namespace
}  // namespace sluice::config
