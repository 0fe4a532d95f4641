#include "config/printer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "config/syntax.hpp"

namespace sluice::config {
namespace {

TEST(Printer, QuotesOnlyWhereItMust) {
  EXPECT_EQ(as_word("srt://h:9999?streamid=#!::m=request"), "srt://h:9999?streamid=#!::m=request");
  EXPECT_EQ(as_word(""), R"("")");
  EXPECT_EQ(as_word("a b"), R"("a b")");
  EXPECT_EQ(as_word("#a"), R"("#a")");
  EXPECT_EQ(as_word("false"), R"("false")");
  EXPECT_EQ(as_word(R"(a\b)"), R"(a\b)");
  EXPECT_EQ(as_word(R"(a\"b)"), R"("a\\\"b")");
}

TEST(Printer, IndentsBlocks) {
  Printer out;
  out.open("stream", std::vector<std::string>{"a"});
  out.statement("static");
  out.statement("title", std::vector<std::string>{"\"b c\""});
  out.close();
  EXPECT_EQ(out.take(), "stream a {\n  static;\n  title \"b c\";\n}\n");
}

RC_GTEST_PROP(Printer, EveryWordIsReadBack, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab =,\"\\;{}#:/.")));
  Printer out;
  out.statement("name", std::vector{as_word(text)});
  Diagnostics diagnostics("f");
  const auto statements = parse(out.take(), diagnostics);
  RC_ASSERT(diagnostics.ok());
  RC_ASSERT(statements.size() == 1u);
  RC_ASSERT(statements[0].args.size() == 1u);
  RC_ASSERT(statements[0].args[0].text == text);
}

}  // namespace
}  // namespace sluice::config
