#include "transcode/fake/glyphs.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace sluice::transcode::fake {
namespace {

TEST(Glyphs, EveryCharacterOfThePictureIsDrawnAndUnlikeAllOthers) {
  std::map<Glyph, char> seen;
  for (const char c : std::string_view("0123456789:.-UTCFRAME")) {
    const auto [other, is_new] = seen.emplace(glyph(c), c);
    EXPECT_TRUE(is_new) << c << " looks like " << other->second;
    EXPECT_NE(glyph(c), glyph(' ')) << c << " is blank";
  }
}

TEST(Glyphs, RowsAreOfOneWidthAndHoldNothingButDots) {
  for (int c = 0; c < 256; ++c) {
    for (const std::string_view row : glyph(static_cast<char>(c))) {
      ASSERT_EQ(row.size(), std::size_t{kGlyphWidth}) << c;
      EXPECT_EQ(row.find_first_not_of(" #"), std::string_view::npos) << c;
    }
  }
}

TEST(Glyphs, TextHasNoColumnBehindItsLastGlyph) {
  EXPECT_EQ(text_width(""), 0);
  EXPECT_EQ(text_width("0"), 5);
  EXPECT_EQ(text_width("00"), 11);
}

}  // namespace
}  // namespace sluice::transcode::fake
