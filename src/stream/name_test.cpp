#include "stream/name.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace sluice::stream {
namespace {

TEST(StreamName, TakesPartsOfLettersDigitsAndThreeSigns) {
  for (const auto* name :
       {"a", "ort", "mylive/bunny", "aaa/aaa", "Cam_1-hd.low", "a/b/c/d", "...", "a..b", "-", "0", "a/.hidden"}) {
    EXPECT_TRUE(valid_stream_name(name)) << name;
  }
}

TEST(StreamName, RefusesPathTricks) {
  for (const auto* name : {"",     ".",    "..",  "/",   "/a",       "a/",    "a//b",  "a/./b", "a/../b",
                           "../a", "a/..", "//",  "a/.", "%2e%2e/a", "a%2fb", "a%00",  "a\\b",  "a b",
                           "a?b",  "a#b",  "a:b", "~",   "a\n",      "é",     "a\x7f", "\xff"}) {
    EXPECT_FALSE(valid_stream_name(name)) << name;
  }
  EXPECT_FALSE(valid_stream_name(std::string_view("a\0b", 3)));
  EXPECT_FALSE(valid_stream_name(std::string_view("a\0", 2)));
}

TEST(StreamName, HasABound) {
  EXPECT_TRUE(valid_stream_name(std::string(kMaxStreamName, 'a')));
  EXPECT_FALSE(valid_stream_name(std::string(kMaxStreamName + 1, 'a')));
}

RC_GTEST_PROP(StreamName, StaysBelowItsDirectory, ()) {
  const auto name = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("a.-_/%")));
  if (!valid_stream_name(name)) return;
  const auto path = std::filesystem::path("/root") / name;
  RC_ASSERT(path.lexically_normal() == path);
  RC_ASSERT(path.native().starts_with("/root/"));
}

}  // namespace
}  // namespace sluice::stream
