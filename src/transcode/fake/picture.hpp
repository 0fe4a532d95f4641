#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::transcode::fake {

/// 8-bit Y'CbCr in the limited range of ITU-R BT.601: black is 16, white 235, grey chroma 128.
struct Colour {
  std::uint8_t y = 16;
  std::uint8_t cb = 128;
  std::uint8_t cr = 128;
};
inline constexpr Colour kBlack{16, 128, 128};
inline constexpr Colour kWhite{235, 128, 128};

/// Pixels from the upper left corner.
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

/// One component of a picture; row r begins at data + r * stride.
struct Plane {
  std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;

  [[nodiscard]] std::uint8_t* row(int r) const { return data + r * stride; }
};

/// A planar 4:2:0 picture in memory of somebody else. Whatever is drawn outside of it is left out.
struct Picture {
  int width = 0;   ///< even
  int height = 0;  ///< even
  Plane y;
  Plane cb;
  Plane cr;

  /// The part of `rect` inside the picture.
  [[nodiscard]] Rect clip(Rect rect) const;

  /// Fills luma exactly, and chroma wherever a chroma sample touches the rectangle.
  void fill(Rect rect, Colour colour) const;
  /// Fills luma only: for black and white on a grey background.
  void fill_luma(Rect rect, std::uint8_t value) const;
  /// Draws white text, each pixel of a glyph a square of `scale` pixels.
  void draw_text(int x, int y, int scale, std::string_view text) const;
};

}  // namespace sluice::transcode::fake
