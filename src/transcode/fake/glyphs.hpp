#pragma once

#include <array>
#include <string_view>

namespace sluice::transcode::fake {

inline constexpr int kGlyphWidth = 5;
inline constexpr int kGlyphHeight = 7;
/// From one glyph to the next: its width and a column between.
inline constexpr int kGlyphPitch = kGlyphWidth + 1;

/// The rows of a character from the top, '#' where it is set. Drawn for the digits, ':', '.', '-' and the letters of
/// "UTC" and "FRAME"; every other character is blank.
using Glyph = std::array<std::string_view, kGlyphHeight>;
const Glyph& glyph(char c);

/// The width of a text in glyph pixels.
constexpr int text_width(std::string_view text) {
  return text.empty() ? 0 : static_cast<int>(text.size()) * kGlyphPitch - 1;
}

}  // namespace sluice::transcode::fake
