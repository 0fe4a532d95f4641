#include "transcode/fake/picture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "transcode/fake/test_canvas.hpp"

namespace sluice::transcode::fake {
namespace {

TEST(Picture, DrawsTheVeryPixelsOfAGlyph) {
  const Canvas canvas(12, 8);
  canvas.picture().draw_text(0, 0, 1, "1-");
  EXPECT_EQ(canvas.art(),
            "..#.........\n"
            ".##.........\n"
            "..#.........\n"
            "..#....###..\n"
            "..#.........\n"
            "..#.........\n"
            ".###........\n"
            "............\n");
}

TEST(Picture, ScalesAGlyphBySquares) {
  const Canvas canvas(10, 14);
  canvas.picture().draw_text(0, 0, 2, "7");
  EXPECT_EQ(canvas.art(),
            "##########\n"
            "##########\n"
            "........##\n"
            "........##\n"
            "......##..\n"
            "......##..\n"
            "....##....\n"
            "....##....\n"
            "....##....\n"
            "....##....\n"
            "....##....\n"
            "....##....\n"
            "....##....\n"
            "....##....\n");
}

TEST(Picture, TextLeavesChromaAlone) {
  const Canvas canvas(12, 8);
  canvas.picture().draw_text(0, 0, 1, "88");
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 6; ++x) EXPECT_EQ(canvas.cb(x, y), Canvas::kUntouched);
  }
}

TEST(Picture, FillColoursEveryChromaSampleItTouches) {
  const Canvas canvas(8, 4);
  canvas.picture().fill({3, 1, 2, 2}, {100, 90, 80});
  // Luma columns 3 and 4 lie above the chroma columns 1 and 2, rows 1 and 2 above 0 and 1.
  EXPECT_EQ(canvas.luma(2, 1), Canvas::kUntouched);
  EXPECT_EQ(canvas.luma(3, 1), 100);
  EXPECT_EQ(canvas.luma(4, 2), 100);
  EXPECT_EQ(canvas.luma(5, 1), Canvas::kUntouched);
  EXPECT_EQ(canvas.cb(0, 0), Canvas::kUntouched);
  EXPECT_EQ(canvas.cb(1, 0), 90);
  EXPECT_EQ(canvas.cr(2, 1), 80);
  EXPECT_EQ(canvas.cr(3, 1), Canvas::kUntouched);
}

RC_GTEST_PROP(Picture, NothingIsDrawnOutside, ()) {
  const Canvas canvas(16, 12);
  const auto anywhere = rc::gen::inRange(-30, 30);
  const auto extent = rc::gen::inRange(0, 60);
  canvas.picture().fill({*anywhere, *anywhere, *extent, *extent}, kWhite);
  canvas.picture().draw_text(*anywhere, *anywhere, *rc::gen::inRange(1, 4), "88:88");
  RC_ASSERT(canvas.border_is_untouched());
}

}  // namespace
}  // namespace sluice::transcode::fake
