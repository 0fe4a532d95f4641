#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "core/bytes.hpp"

namespace sluice::mpegts {

/// A stretch of an elementary stream, as pieces of memory that lies elsewhere: the writer of packets is the only one
/// who copies it.
class ElementaryBytes {
 public:
  static constexpr std::size_t kMaxCopy = 8;

  /// Appends bytes that stay where they are until clear().
  void borrow(BytesView bytes) {
    pieces_.push_back(bytes);
    size_ += bytes.size();
  }
  /// Appends a copy of at most kMaxCopy bytes.
  void copy(BytesView bytes) {
    auto& kept = copies_.emplace_back();
    std::ranges::copy(bytes, kept.begin());
    borrow(BytesView(kept).first(bytes.size()));
  }
  void clear() {
    pieces_.clear();
    copies_.clear();
    size_ = 0;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<const BytesView> pieces() const noexcept { return pieces_; }

 private:
  std::vector<BytesView> pieces_;
  std::deque<std::array<std::byte, kMaxCopy>> copies_;  // a deque does not move what it holds
  std::size_t size_ = 0;
};

}  // namespace sluice::mpegts
