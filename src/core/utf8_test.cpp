#include "core/utf8.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Utf8, TakesWellFormedText) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("stream"));
  EXPECT_TRUE(is_utf8("Один é € 😀"));
  EXPECT_TRUE(is_utf8("\xf4\x8f\xbf\xbf"));  // U+10FFFF, the last one
}

TEST(Utf8, RefusesEverythingElse) {
  EXPECT_FALSE(is_utf8("\x80"));              // a continuation without a beginning
  EXPECT_FALSE(is_utf8("\xc3"));              // cut off
  EXPECT_FALSE(is_utf8("\xe2\x82"));          // cut off
  EXPECT_FALSE(is_utf8("\xe2\x82\x41"));      // not a continuation
  EXPECT_FALSE(is_utf8("\xc0\xaf"));          // '/' in two bytes
  EXPECT_FALSE(is_utf8("\xe0\x80\xaf"));      // '/' in three bytes
  EXPECT_FALSE(is_utf8("\xf0\x82\x82\xac"));  // U+20AC in four bytes
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // a surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("\xff"));
}

TEST(Utf8, IsMadeOfAnyBytes) {
  EXPECT_EQ(as_utf8("Один é"), "Один é");
  EXPECT_EQ(as_utf8("a\xff"
                    "b\xe2\x82"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace sluice
