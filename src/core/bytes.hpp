#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace sluice {

using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Reads big-endian fields from the front of a byte range that it does not own.
/// Sticky: after the first read past the end every further read yields 0 or an empty range, and ok() is false;
/// so a parser reads all its fields and asks once.
class ByteReader {
 public:
  explicit ByteReader(BytesView in) noexcept : in_(in) {}

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(be(1)); }
  std::uint16_t be16() noexcept { return static_cast<std::uint16_t>(be(2)); }
  std::uint32_t be24() noexcept { return static_cast<std::uint32_t>(be(3)); }
  std::uint32_t be32() noexcept { return static_cast<std::uint32_t>(be(4)); }
  std::uint64_t be64() noexcept { return be(8); }
  std::uint32_t le32() noexcept {
    const auto big = be32();
    return __builtin_bswap32(big);
  }

  /// The next `n` bytes; a view of the caller's memory.
  BytesView bytes(std::size_t n) noexcept {
    if (n > in_.size()) {
      ok_ = false;
      in_ = {};
      return {};
    }
    const auto out = in_.first(n);
    in_ = in_.subspan(n);
    return out;
  }
  void skip(std::size_t n) noexcept { bytes(n); }
  BytesView rest() noexcept { return bytes(in_.size()); }

  [[nodiscard]] std::size_t left() const noexcept { return in_.size(); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  std::uint64_t be(std::size_t n) noexcept {
    std::uint64_t value = 0;
    for (const std::byte b : bytes(n)) value = value << 8 | std::to_integer<std::uint64_t>(b);
    return value;
  }

  BytesView in_;
  bool ok_ = true;
};

/// Appends big-endian fields to a buffer that the caller owns.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) noexcept : out_(out) {}

  void u8(std::uint64_t v) { be(v, 1); }
  void be16(std::uint64_t v) { be(v, 2); }
  void be24(std::uint64_t v) { be(v, 3); }
  void be32(std::uint64_t v) { be(v, 4); }
  void be64(std::uint64_t v) { be(v, 8); }
  void le32(std::uint32_t v) { be(__builtin_bswap32(v), 4); }
  void bytes(BytesView in) { out_.insert(out_.end(), in.begin(), in.end()); }
  void text(std::string_view in) { bytes(as_bytes(in)); }
  void zeros(std::size_t n) { out_.resize(out_.size() + n); }
  /// Appends `n` zero bytes and returns them, to be filled in place; valid until the next append.
  std::span<std::byte> extend(std::size_t n) {
    zeros(n);
    return std::span(out_).last(n);
  }

  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }

  /// Overwrites four bytes written before, for a length known only later. REQUIRES: at + 4 <= size().
  void patch_be32(std::size_t at, std::uint32_t v) {
    for (std::size_t i = 0; i < 4; ++i) out_[at + i] = static_cast<std::byte>(v >> (24 - 8 * i));
  }

 private:
  void be(std::uint64_t v, std::size_t n) {
    const auto at = out_.size();
    out_.resize(at + n);
    for (std::size_t i = 0; i < n; ++i) out_[at + i] = static_cast<std::byte>(v >> (8 * (n - 1 - i)));
  }

  Bytes& out_;
};

}  // namespace sluice
