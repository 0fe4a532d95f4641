#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "core/assert.hpp"

namespace sluice::media {

/// The rows by which a room knows codecs: those that are compiled in, and room for the few that a test adds to prove
/// that a new codec takes one row here and one in each format, and nothing else. Rows stay where they are.
template <class Row, std::size_t N>
class CodecTable {
 public:
  constexpr explicit CodecTable(const std::array<Row, N>& rows) { std::ranges::copy(rows, rows_.begin()); }

  [[nodiscard]] constexpr std::span<const Row> rows() const { return std::span(rows_).first(size_); }

  /// For tests, before any other thread looks.
  void add(const Row& row) {
    SLUICE_ASSERT(size_ < rows_.size(), "no room for further codecs");
    rows_[size_++] = row;
  }

 private:
  static constexpr std::size_t kForTests = 4;
  std::array<Row, N + kForTests> rows_{};
  std::size_t size_ = N;
};

}  // namespace sluice::media
