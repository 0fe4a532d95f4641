#include "config/lexer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Cut {
  std::vector<std::string>
      tokens;  ///< words as they are, keys marked `key=|value`, strings `"..."`, signs, '$' for the end
  std::vector<std::string> errors;
};

Cut cut(std::string_view text) {
  Cut out;
  Diagnostics diagnostics("f");
  Lexer lexer(text, diagnostics);
  while (true) {
    const Token token = lexer.next();
    if (token.kind == Token::Kind::end) break;
    if (token.kind == Token::Kind::semicolon) out.tokens.push_back(";");
    if (token.kind == Token::Kind::open) out.tokens.push_back("{");
    if (token.kind == Token::Kind::close) out.tokens.push_back("}");
    if (token.kind != Token::Kind::word) continue;
    std::string word = token.text;
    if (token.key_size > 0) word.insert(token.key_size + 1, "|");
    out.tokens.push_back(token.quoted ? '"' + word + '"' : word);
  }
  for (const auto& error : diagnostics.errors()) out.errors.push_back(to_string(error));
  return out;
}

std::vector<std::string> tokens(std::string_view text) {
  const auto out = cut(text);
  EXPECT_THAT(out.errors, IsEmpty()) << text;
  return out.tokens;
}

TEST(Lexer, SignsNeedNoBlanksAroundThem) {
  EXPECT_THAT(tokens("http 80{api false;}http\t81;"),
              ElementsAre("http", "80", "{", "api", "false", ";", "}", "http", "81", ";"));
}

TEST(Lexer, HashBeginsACommentOnlyWhereATokenCouldBegin) {
  EXPECT_THAT(tokens("a b; # c { \" ;\nd;"), ElementsAre("a", "b", ";", "d", ";"));
  EXPECT_THAT(tokens("a;#c\nb{#d\n}#e"), ElementsAre("a", ";", "b", "{", "}"));
  EXPECT_THAT(tokens("srt://h:9999?streamid=#!::m=request&passphrase=0987654321;"),
              ElementsAre("srt://h:9999?streamid=#!::m=request&passphrase=0987654321", ";"));
  EXPECT_THAT(tokens("t0=16#fb \"#\" a#"), ElementsAre("t0=|16#fb", "\"#\"", "a#"));
}

TEST(Lexer, StringsKeepEverySignAndTwoEscapes) {
  EXPECT_THAT(tokens(R"("Mozilla/5.0 (Windows; U) {#}")"), ElementsAre(R"("Mozilla/5.0 (Windows; U) {#}")"));
  EXPECT_THAT(tokens(R"("" "a\"b" "c\\" "d\e")"), ElementsAre(R"("")", R"("a"b")", R"("c\")", R"("d\e")"));
}

TEST(Lexer, ValuesOfKeysMayBeStringsAndLists) {
  EXPECT_THAT(tokens(R"(user_agent="Custom Agent v1.2" streamid="#!::r=x,m=publish";)"),
              ElementsAre(R"("user_agent=|Custom Agent v1.2")", R"("streamid=|#!::r=x,m=publish")", ";"));
  EXPECT_THAT(tokens(R"(pids=45,46,47 a="x y","z",w b=c,"d e" empty= e="" )"),
              ElementsAre("pids=|45,46,47", R"("a=|x y,z,w")", R"("b=|c,d e")", "empty=|", R"("e=|")"));
}

TEST(Lexer, QuotesElsewhereAreData) {
  EXPECT_THAT(tokens(R"(a"b" srt://h?x="y" a=b"c" =")"),
              ElementsAre(R"(a"b")", R"(srt://h?x="y")", R"(a=|b"c")", R"(=")"));
}

TEST(Lexer, KeysAreNamesOnly) {
  EXPECT_THAT(tokens("v1=211 header.x=y-z http://h/?a=b -a=b @x=y a=b=c"),
              ElementsAre("v1=|211", "header.x=|y-z", "http://h/?a=b", "-a=b", "@x=y", "a=|b=c"));
}

TEST(Lexer, ColumnsCountCharacters) {
  Diagnostics diagnostics("f");
  Lexer lexer("\xef\xbb\xbf\"Один\" a\r\n  b", diagnostics);
  EXPECT_EQ(lexer.next().at, (Position{1, 1}));
  const Token a = lexer.next();
  EXPECT_EQ(a.at, (Position{1, 8}));
  EXPECT_EQ(a.after, (Position{1, 9}));
  EXPECT_EQ(lexer.next().at, (Position{2, 3}));
  EXPECT_EQ(lexer.next().kind, Token::Kind::end);
  EXPECT_EQ(lexer.next().at, (Position{2, 4}));
}

TEST(Lexer, ReportsWhatIsNoToken) {
  EXPECT_THAT(cut("a \"b\r\nc;").errors, ElementsAre("f:1:3: string is not closed on its line, expected '\"'"));
  EXPECT_THAT(cut("\"a\"b").errors, ElementsAre("f:1:4: a string goes on behind its '\"', expected a space or ';'"));
  EXPECT_THAT(cut("k=\"a\"b").errors,
              ElementsAre("f:1:6: a string goes on behind its '\"', expected a space, ',' or ';'"));
  EXPECT_THAT(cut("a \x01 b").errors, ElementsAre("f:1:3: a word has a control character in it"));
  EXPECT_THAT(cut(std::string_view("a\0b", 3)).errors, ElementsAre("f:1:1: a word has a control character in it"));
  EXPECT_THAT(cut("a \"\xff\"").errors, ElementsAre("f:1:3: a word is not UTF-8"));
  EXPECT_THAT(cut(std::string(Lexer::kMaxWord + 1, 'a')).errors,
              ElementsAre("f:1:1: a word of 65537 bytes, expected at most 65536"));
  EXPECT_THAT(tokens(std::string(Lexer::kMaxWord, 'a')), ElementsAre(std::string(Lexer::kMaxWord, 'a')));
}

TEST(Lexer, CommentsMayHoldAnything) { EXPECT_THAT(tokens("# \xff\xfe \x01\na;"), ElementsAre("a", ";")); }

}  // namespace
}  // namespace sluice::config
