#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "transcode/fake/picture.hpp"

namespace sluice::transcode::fake {

/// A picture with memory of its own and a border around each plane that no drawing may touch.
class Canvas {
 public:
  static constexpr std::uint8_t kUntouched = 1;

  Canvas(int width, int height)
      : y_(size(width, height), kUntouched),
        cb_(size(width / 2, height / 2), kUntouched),
        cr_(size(width / 2, height / 2), kUntouched),
        picture_{width, height, plane(y_, width), plane(cb_, width / 2), plane(cr_, width / 2)} {}
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  [[nodiscard]] const Picture& picture() const { return picture_; }
  [[nodiscard]] int luma(int x, int y) const { return picture_.y.row(y)[x]; }
  [[nodiscard]] int cb(int x, int y) const { return picture_.cb.row(y)[x]; }
  [[nodiscard]] int cr(int x, int y) const { return picture_.cr.row(y)[x]; }

  /// Luma as rows of text: '#' for white, '.' for untouched, '?' for anything else.
  [[nodiscard]] std::string art() const {
    std::string rows;
    for (int y = 0; y < picture_.height; ++y) {
      for (int x = 0; x < picture_.width; ++x) {
        rows += luma(x, y) == kWhite.y ? '#' : luma(x, y) == kUntouched ? '.' : '?';
      }
      rows += '\n';
    }
    return rows;
  }

  [[nodiscard]] bool border_is_untouched() const {
    return clean(y_, picture_.width, picture_.height) && clean(cb_, picture_.width / 2, picture_.height / 2) &&
           clean(cr_, picture_.width / 2, picture_.height / 2);
  }

 private:
  static constexpr int kBorder = 8;

  static std::size_t size(int width, int height) {
    return static_cast<std::size_t>(width + 2 * kBorder) * (height + 2 * kBorder);
  }
  static Plane plane(std::vector<std::uint8_t>& memory, int width) {
    const int stride = width + 2 * kBorder;
    return {memory.data() + kBorder * stride + kBorder, stride};
  }
  static bool clean(const std::vector<std::uint8_t>& memory, int width, int height) {
    const int stride = width + 2 * kBorder;
    for (int y = -kBorder; y < height + kBorder; ++y) {
      for (int x = -kBorder; x < width + kBorder; ++x) {
        const bool inside = x >= 0 && x < width && y >= 0 && y < height;
        if (!inside && memory[static_cast<std::size_t>(y + kBorder) * stride + x + kBorder] != kUntouched) return false;
      }
    }
    return true;
  }

  std::vector<std::uint8_t> y_;
  std::vector<std::uint8_t> cb_;
  std::vector<std::uint8_t> cr_;
  Picture picture_;
};

}  // namespace sluice::transcode::fake
