#include "format/webvtt/cue.hpp"

#include <gtest/gtest.h>

namespace sluice::webvtt {
namespace {

TEST(Escape, LeavesNoMarkup) {
  EXPECT_EQ(escape("Tom & Jerry <3\n1 > 0"), "Tom &amp; Jerry &lt;3\n1 &gt; 0");
  EXPECT_EQ(escape(""), "");
  EXPECT_EQ(escape("\u00e9t\u00e9"), "\u00e9t\u00e9") << "UTF-8 stays as it is";
}

}  // namespace
}  // namespace sluice::webvtt
