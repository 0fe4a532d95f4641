#include "transcode/fake/test_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "transcode/fake/glyphs.hpp"

namespace sluice::transcode::fake {

using namespace std::chrono;

namespace {

constexpr Colour kBackground{40, 128, 128};

// 75 % bars, ITU-R BT.471: white, yellow, cyan, green, magenta, red, blue.
constexpr Colour kBars[] = {{180, 128, 128}, {162, 44, 142}, {131, 156, 44}, {112, 72, 58},
                            {84, 184, 198},  {65, 100, 212}, {35, 212, 114}};

constexpr int kBits = 32;
constexpr std::uint8_t kSurelyBlack = 96, kSurelyWhite = 160;  // what the encoder makes of 16 and 235 stays outside

TextPlace centred(int width, int y, int scale, std::size_t characters) {
  const int text = text_width(std::string(characters, '0')) * scale;
  return {(width - text) / 2, y, scale};
}

int cell_edge(int width, int bit) { return width * bit / kBits; }

void draw_colour_bars(const Picture& picture, Rect band) {
  constexpr int count = std::size(kBars);
  for (int i = 0; i < count; ++i) {
    const int left = band.width * i / count, right = band.width * (i + 1) / count;
    picture.fill({band.x + left, band.y, right - left, band.height}, kBars[i]);
  }
}

void draw_moving_bar(const Picture& picture, Rect band, UtcTime utc) {
  constexpr auto period = microseconds(4s);
  const auto phase = utc.time_since_epoch() % period;
  const int bar = std::max(2, band.width / 16);
  const int x = static_cast<int>((band.width - bar) * phase.count() / period.count());
  picture.fill_luma(band, kBlack.y);
  picture.fill_luma({band.x + x, band.y, bar, band.height}, kWhite.y);
}

// xorshift64 (Marsaglia), seeded by the frame number: eight pixels a step.
void draw_snow(const Picture& picture, Rect band, std::uint32_t frame) {
  std::uint64_t state = 0x9e37'79b9'7f4a'7c15 ^ (std::uint64_t(frame) + 1) * 0xff51'afd7'ed55'8ccd;
  for (int row = band.y; row < band.y + band.height; ++row) {
    std::uint8_t* out = picture.y.row(row) + band.x;
    for (int x = 0; x < band.width; x += 8) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      // Seven bits a pixel, laid around grey: inside the limited range.
      const std::uint64_t pixels = (state & 0x7f7f'7f7f'7f7f'7f7f) + 0x4040'4040'4040'4040;
      std::memcpy(out + x, &pixels, static_cast<std::size_t>(std::min(8, band.width - x)));
    }
  }
}

void draw_code(const Picture& picture, int height, std::uint32_t frame) {
  for (int bit = 0; bit < kBits; ++bit) {
    const int left = cell_edge(picture.width, bit), right = cell_edge(picture.width, bit + 1);
    const bool set = (frame >> (kBits - 1 - bit) & 1) != 0;
    picture.fill_luma({left, picture.height - height, right - left, height}, set ? kWhite.y : kBlack.y);
  }
}

void draw_text(const Picture& picture, const TextPlace& place, std::string_view text) {
  picture.draw_text(place.x, place.y, place.scale, text);
}

}  // namespace

Layout::Layout(int width, int height) {
  // The clock, twelve characters, fills the width or a sixth of the height.
  const int scale = std::max(1, std::min(width / (13 * kGlyphPitch), height / (6 * kGlyphHeight)));
  const int small = std::max(1, scale / 2), middle = std::max(1, scale * 3 / 4);
  const auto at = [height](int percent) { return height * percent / 100; };
  const auto band = [=](int from, int to) { return Rect{0, at(from), width, at(to) - at(from)}; };

  colour_bars = band(0, 14);
  date = centred(width, at(19), small, date_text({}).size());
  flash = {date.x - 3 * small * kGlyphHeight / 2, date.y, small * kGlyphHeight, small * kGlyphHeight};
  clock = centred(width, at(29), scale, clock_text({}).size());
  frame_number = centred(width, at(47), middle, frame_text(0).size());
  moving_bar_band = band(62, 72);
  snow = band(76, 92);
  code_height = height / 24;
}

std::string date_text(UtcTime utc) {
  const year_month_day date(floor<days>(round<milliseconds>(utc)));
  return fmt::format("{:04}-{:02}-{:02} UTC", int(date.year()), unsigned(date.month()), unsigned(date.day()));
}

std::string clock_text(UtcTime utc) {
  const auto rounded = round<milliseconds>(utc);
  const hh_mm_ss time(rounded - floor<days>(rounded));
  return fmt::format("{:02}:{:02}:{:02}.{:03}", time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

std::string frame_text(std::uint32_t frame) { return fmt::format("FRAME {:8}", frame); }

void draw_test_picture(const Picture& picture, std::uint32_t frame, UtcTime utc) {
  const Layout layout(picture.width, picture.height);
  picture.fill({0, 0, picture.width, picture.height}, kBackground);
  draw_colour_bars(picture, layout.colour_bars);
  draw_text(picture, layout.date, date_text(utc));
  picture.fill_luma(layout.flash, is_beep(utc) ? kWhite.y : kBlack.y);
  draw_text(picture, layout.clock, clock_text(utc));
  draw_text(picture, layout.frame_number, frame_text(frame));
  draw_moving_bar(picture, layout.moving_bar_band, utc);
  draw_snow(picture, layout.snow, frame);
  draw_code(picture, layout.code_height, frame);
}

std::optional<std::uint32_t> read_frame_number(const Plane& luma, int width, int height) {
  const int row = height - height / 48;
  std::uint32_t frame = 0;
  for (int bit = 0; bit < kBits; ++bit) {
    const std::uint8_t pixel = luma.row(row)[(cell_edge(width, bit) + cell_edge(width, bit + 1)) / 2];
    if (pixel > kSurelyBlack && pixel < kSurelyWhite) return std::nullopt;
    frame = frame << 1 | (pixel >= kSurelyWhite ? 1 : 0);
  }
  return frame;
}

}  // namespace sluice::transcode::fake
