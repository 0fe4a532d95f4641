#pragma once

#include <cstdint>

#include "core/bytes.hpp"

namespace sluice {

/// Reads bits, most significant first, from a range that it does not own. Sticky like ByteReader.
class BitReader {
 public:
  explicit BitReader(BytesView in) noexcept : in_(in) {}

  /// The next `n` bits as a number. REQUIRES: n <= 64.
  std::uint64_t bits(unsigned n) noexcept {
    if (n > left()) {
      at_ = in_.size() * 8;
      ok_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (unsigned i = 0; i < n; ++i, ++at_) {
      value = value << 1 | (std::to_integer<std::uint64_t>(in_[at_ / 8]) >> (7 - at_ % 8) & 1);
    }
    return value;
  }
  bool flag() noexcept { return bits(1) != 0; }
  void skip(std::size_t n) noexcept {
    if (n > left()) ok_ = false;
    at_ = n > left() ? in_.size() * 8 : at_ + n;
  }

  /// ue(v) of ITU-T H.264 section 9.1. Codes of more than 32 leading zeros are refused.
  std::uint32_t ue() noexcept {
    unsigned zeros = 0;
    while (ok_ && !flag()) {
      if (++zeros > 31) {
        ok_ = false;
        return 0;
      }
    }
    if (!ok_) return 0;
    return static_cast<std::uint32_t>((std::uint64_t{1} << zeros) - 1 + bits(zeros));
  }
  /// se(v) of ITU-T H.264 section 9.1.1.
  std::int32_t se() noexcept {
    const std::int64_t code = ue();
    return static_cast<std::int32_t>(code % 2 == 0 ? -(code / 2) : (code + 1) / 2);
  }

  [[nodiscard]] std::size_t left() const noexcept { return in_.size() * 8 - at_; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  BytesView in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// Appends bits, most significant first, to a buffer that the caller owns; the last byte is filled up with zeros.
class BitWriter {
 public:
  explicit BitWriter(Bytes& out) noexcept : out_(out) {}

  /// The low `n` bits of `value`. REQUIRES: n <= 64.
  void bits(std::uint64_t value, unsigned n) {
    while (n-- > 0) {
      if (free_ == 0) {
        out_.push_back(std::byte{0});
        free_ = 8;
      }
      --free_;
      out_.back() |= static_cast<std::byte>((value >> n & 1) << free_);
    }
  }
  void flag(bool value) { bits(value ? 1 : 0, 1); }

 private:
  Bytes& out_;
  unsigned free_ = 0;  ///< bits of the last byte that are not written yet
};

}  // namespace sluice
