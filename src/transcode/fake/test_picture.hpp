#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/time.hpp"
#include "transcode/fake/picture.hpp"

/// The test picture of fake://, drawn anew for each frame, from top to bottom:
///
///     colour bars
///     date, and a square that flashes white in the first 100 ms of each second, with the beep of the tone
///     clock: UTC to the millisecond
///     frame number
///     a bar that crosses the picture in 4 s
///     snow, new in each frame, so that the encoder has something to spend its bitrate on
///     frame number in binary
///
/// The frame number in binary is for programs that look at decoded pixels: the lowest 24th of the picture's height is
/// divided into 32 cells over its whole width, one for each bit, the most significant on the left; a white cell is 1, a
/// black cell 0. It is measured in parts of the picture and so survives scaling.
namespace sluice::transcode::fake {

/// How long the square flashes and the tone beeps, from the start of each second of UTC.
inline constexpr std::chrono::milliseconds kBeepTime{100};
constexpr bool is_beep(UtcTime utc) { return utc - std::chrono::floor<std::chrono::seconds>(utc) < kBeepTime; }

/// Where a line of text begins, and how many pixels wide a pixel of its glyphs is.
struct TextPlace {
  int x = 0;
  int y = 0;
  int scale = 1;
};

/// The places of everything in a picture of that size.
struct Layout {
  Layout(int width, int height);

  TextPlace date;
  TextPlace clock;
  TextPlace frame_number;
  Rect colour_bars;
  Rect flash;
  Rect moving_bar_band;
  Rect snow;
  int code_height;  ///< of the cells at the bottom
};

std::string date_text(UtcTime utc);   ///< "2024-02-29 UTC"
std::string clock_text(UtcTime utc);  ///< "23:59:59.999", nearest millisecond
std::string frame_text(std::uint32_t frame);

/// Draws the frame of that number as it looks at `utc`: always the same for the same values.
void draw_test_picture(const Picture& picture, std::uint32_t frame, UtcTime utc);

/// The frame number in a decoded picture's luma; nothing where a cell is neither black nor white.
std::optional<std::uint32_t> read_frame_number(const Plane& luma, int width, int height);

}  // namespace sluice::transcode::fake
