#include "transcode/fake/test_picture.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>

#include "transcode/fake/glyphs.hpp"
#include "transcode/fake/test_canvas.hpp"

namespace sluice::transcode::fake {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

constexpr UtcTime kLeapDay = sys_days(std::chrono::year(2024) / 2 / 29) + 23h + 59min + 58s + 40ms;

// Reads a text back from the pixels by comparing with every glyph.
std::string read_text(const Canvas& canvas, TextPlace place, std::size_t characters) {
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) {
    char found = '?';
    for (const char c : std::string_view(" 0123456789:.-UTCFRAME")) {
      bool same = true;
      for (int row = 0; row < kGlyphHeight; ++row) {
        for (int column = 0; column < kGlyphWidth; ++column) {
          const int x = place.x + (static_cast<int>(i) * kGlyphPitch + column) * place.scale + place.scale / 2;
          const int y = place.y + row * place.scale + place.scale / 2;
          same = same && (canvas.luma(x, y) == kWhite.y) == (glyph(c)[row][column] == '#');
        }
      }
      if (same) found = c;
    }
    text += found;
  }
  return text;
}

TEST(TestPicture, SaysDateTimeAndNumberInEverySize) {
  for (const auto& [width, height] :
       {std::pair(128, 96), std::pair(320, 240), std::pair(1280, 720), std::pair(720, 1280)}) {
    const Canvas canvas(width, height);
    const Layout layout(width, height);
    draw_test_picture(canvas.picture(), 12'345'678, kLeapDay);
    EXPECT_EQ(read_text(canvas, layout.date, 14), "2024-02-29 UTC");
    EXPECT_EQ(read_text(canvas, layout.clock, 12), "23:59:58.040");
    EXPECT_EQ(read_text(canvas, layout.frame_number, 14), "FRAME 12345678");
    EXPECT_TRUE(canvas.border_is_untouched());
  }
}

TEST(TestPicture, TheClockFillsTheSmallestPicture) {
  const Layout layout(320, 240);
  EXPECT_EQ(layout.clock.scale, 4);
  EXPECT_GE(layout.clock.x, 0);
}

TEST(TestPicture, RoundsToTheNextDay) {
  const UtcTime almost = sys_days(std::chrono::year(2023) / 12 / 31) + 23h + 59min + 59s + 999'600us;
  EXPECT_EQ(clock_text(almost), "00:00:00.000");
  EXPECT_EQ(date_text(almost), "2024-01-01 UTC");
}

RC_GTEST_PROP(TestPicture, FrameNumberIsReadBackFromPixels, (std::uint32_t frame)) {
  const Canvas canvas(*rc::gen::inRange(64, 400) * 2, *rc::gen::inRange(48, 300) * 2);
  const Picture& picture = canvas.picture();
  draw_test_picture(picture, frame, kLeapDay);
  RC_ASSERT(read_frame_number(picture.y, picture.width, picture.height) == frame);
  RC_ASSERT(canvas.border_is_untouched());
}

TEST(TestPicture, AGreyCellIsNoFrameNumber) {
  const Canvas canvas(320, 240);
  draw_test_picture(canvas.picture(), 7, kLeapDay);
  canvas.picture().fill_luma({100, 230, 10, 10}, 128);
  EXPECT_EQ(read_frame_number(canvas.picture().y, 320, 240), std::nullopt);
}

TEST(TestPicture, FlashesWithTheBeepOnly) {
  const Canvas canvas(320, 240);
  const Rect flash = Layout(320, 240).flash;
  draw_test_picture(canvas.picture(), 0, kLeapDay);  // 40 ms after the second
  EXPECT_EQ(canvas.luma(flash.x, flash.y), kWhite.y);
  draw_test_picture(canvas.picture(), 0, kLeapDay + 60ms);
  EXPECT_EQ(canvas.luma(flash.x, flash.y), kBlack.y);
}

TEST(TestPicture, TheBarCrossesThePictureInFourSeconds) {
  const Canvas canvas(320, 240);
  const Rect band = Layout(320, 240).moving_bar_band;
  const UtcTime start(std::chrono::seconds(1'700'000'000));  // a multiple of 4 s
  draw_test_picture(canvas.picture(), 0, start);
  EXPECT_EQ(canvas.luma(0, band.y), kWhite.y);
  EXPECT_EQ(canvas.luma(319, band.y), kBlack.y);
  draw_test_picture(canvas.picture(), 1, start + 2s);
  EXPECT_EQ(canvas.luma(0, band.y), kBlack.y);
  EXPECT_EQ(canvas.luma(160, band.y), kWhite.y);
  draw_test_picture(canvas.picture(), 2, start + 3999ms);
  EXPECT_EQ(canvas.luma(318, band.y), kWhite.y);
}

TEST(TestPicture, NoTwoFramesHaveTheSameSnow) {
  const Rect snow = Layout(320, 240).snow;
  const auto line = [&](std::uint32_t frame) {
    const Canvas canvas(320, 240);
    draw_test_picture(canvas.picture(), frame, kLeapDay);
    const std::uint8_t* row = canvas.picture().y.row(snow.y);
    return std::vector(row, row + 320);
  };
  EXPECT_EQ(line(5), line(5));
  EXPECT_NE(line(5), line(6));
}

}  // namespace
}  // namespace sluice::transcode::fake
