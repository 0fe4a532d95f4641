#include "transcode/fake/picture.hpp"

#include <algorithm>
#include <cstring>

#include "transcode/fake/glyphs.hpp"

namespace sluice::transcode::fake {

namespace {

void fill_plane(const Plane& plane, Rect rect, std::uint8_t value) {
  for (int row = rect.y; row < rect.y + rect.height; ++row) {
    std::memset(plane.row(row) + rect.x, value, static_cast<std::size_t>(rect.width));
  }
}

}  // namespace

Rect Picture::clip(Rect rect) const {
  const int left = std::clamp(rect.x, 0, width), right = std::clamp(rect.x + rect.width, left, width);
  const int top = std::clamp(rect.y, 0, height), bottom = std::clamp(rect.y + rect.height, top, height);
  return {left, top, right - left, bottom - top};
}

void Picture::fill(Rect rect, Colour colour) const {
  const Rect luma = clip(rect);
  fill_plane(y, luma, colour.y);
  const int left = luma.x / 2, right = (luma.x + luma.width + 1) / 2;
  const int top = luma.y / 2, bottom = (luma.y + luma.height + 1) / 2;
  const Rect chroma{left, top, right - left, bottom - top};
  fill_plane(cb, chroma, colour.cb);
  fill_plane(cr, chroma, colour.cr);
}

void Picture::fill_luma(Rect rect, std::uint8_t value) const { fill_plane(y, clip(rect), value); }

void Picture::draw_text(int x, int top, int scale, std::string_view text) const {
  for (const char c : text) {
    const Glyph& rows = glyph(c);
    for (int row = 0; row < kGlyphHeight; ++row) {
      for (int column = 0; column < kGlyphWidth; ++column) {
        if (rows[row][column] == '#') {
          fill_luma({x + column * scale, top + row * scale, scale, scale}, kWhite.y);
        }
      }
    }
    x += kGlyphPitch * scale;
  }
}

}  // namespace sluice::transcode::fake
