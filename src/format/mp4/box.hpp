#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/mp4/errc.hpp"

/// Boxes of ISO/IEC 14496-12 section 4.2, both ways. A box with fields is a struct and one function
/// `template <class Io> void visit(Box&, Io&)` that names its fields in the order of the standard; run with FieldsOut
/// it writes them, with FieldsIn it reads them, so that reader and writer cannot drift apart.
namespace sluice::mp4 {

using FourCC = std::uint32_t;

consteval FourCC fourcc(const char (&text)[5]) {
  FourCC code = 0;
  for (int i = 0; i < 4; ++i) code = code << 8 | static_cast<std::uint8_t>(text[i]);
  return code;
}

/// The fields of a box on their way out.
class FieldsOut {
 public:
  explicit FieldsOut(ByteWriter& out) noexcept : out_(out) {}

  void u8(std::uint8_t v) { out_.u8(v); }
  void be16(std::uint16_t v) { out_.be16(v); }
  void be24(std::uint32_t v) { out_.be24(v); }
  void be32(std::uint32_t v) { out_.be32(v); }
  void be32(std::int32_t v) { out_.be32(static_cast<std::uint32_t>(v)); }
  void be64(std::uint64_t v) { out_.be64(v); }
  /// Bytes that the standard fixes or that mean nothing to us: written, and skipped on the way in.
  void fixed(std::span<const std::uint8_t> bytes) { out_.bytes(std::as_bytes(bytes)); }
  void zeros(std::size_t n) { out_.zeros(n); }

 private:
  ByteWriter& out_;
};

/// The fields of a box on their way in. Sticky: ask ok() once at the end.
class FieldsIn {
 public:
  explicit FieldsIn(ByteReader& in) noexcept : in_(in) {}

  void u8(std::uint8_t& v) { v = in_.u8(); }
  void be16(std::uint16_t& v) { v = in_.be16(); }
  void be24(std::uint32_t& v) { v = in_.be24(); }
  void be32(std::uint32_t& v) { v = in_.be32(); }
  void be32(std::int32_t& v) { v = static_cast<std::int32_t>(in_.be32()); }
  void be64(std::uint64_t& v) { v = in_.be64(); }
  void fixed(std::span<const std::uint8_t> bytes) { in_.skip(bytes.size()); }
  void zeros(std::size_t n) { in_.skip(n); }

 private:
  ByteReader& in_;
};

/// A time or duration of a FullBox: 32 bits in version 0, 64 in version 1.
template <class Io>
void visit_sized(std::uint8_t version, std::uint64_t& value, Io& io) {
  if (version == 1) return io.be64(value);
  auto narrow = static_cast<std::uint32_t>(value);
  io.be32(narrow);
  value = narrow;
}

/// Writes a box's header, and its size when the scope ends; children and fields are written in between.
class [[nodiscard]] BoxScope {
 public:
  BoxScope(ByteWriter& out, FourCC type) : out_(out), at_(out.size()) {
    out.be32(0);
    out.be32(type);
  }
  ~BoxScope() { out_.patch_be32(at_, static_cast<std::uint32_t>(out_.size() - at_)); }
  BoxScope(const BoxScope&) = delete;
  BoxScope& operator=(const BoxScope&) = delete;

 private:
  ByteWriter& out_;
  std::size_t at_;
};

/// Writes a box that has fields only. `Box` names its type in kType.
template <class Box>
void write_box(ByteWriter& out, Box box) {
  const BoxScope scope(out, Box::kType);
  FieldsOut io(out);
  visit(box, io);
}

/// A box as found: views of the reader's input.
struct BoxView {
  FourCC type = 0;
  BytesView body;        ///< without the header
  std::size_t size = 0;  ///< with the header
};

/// The box at the front of `in`, wholly there. Takes 64-bit sizes, and size 0 as "to the end of what holds it".
/// Errc::truncated where `in` ends inside the box, Errc::bad_box for a size below the header's.
Result<BoxView> read_box(BytesView in);

/// A box and where it begins.
struct PlacedBox {
  BoxView box;
  std::size_t at = 0;
};

/// The first box of `type` at or after `at` among boxes that may still be arriving: the errors are read_box()'s, and
/// `at_end` where whole boxes but none of that type are left.
Result<PlacedBox> seek_box(BytesView in, std::size_t at, FourCC type, Errc at_end);

/// The body of the first box of `type` among the boxes that fill `children`. None: Errc::missing_box; a broken one
/// before it: Errc::bad_box.
Result<BytesView> find_box(BytesView children, FourCC type);

/// The body of the box at the end of a path of types.
Result<BytesView> find_box(BytesView children, std::span<const FourCC> path);

/// Calls `take(BoxView) -> Result<void>` for each box in `children`, until one fails.
template <class Take>
Result<void> for_each_box(BytesView children, Take take) {
  while (!children.empty()) {
    const auto box = read_box(children);
    if (!box) return fail(Errc::bad_box);
    if (auto taken = take(*box); !taken) return taken;
    children = children.subspan(box->size);
  }
  return {};
}

/// Reads a box's fields from the front of `in`, whatever follows them.
template <class Box>
Result<Box> read_fields(ByteReader& in) {
  Box box;
  FieldsIn io(in);
  visit(box, io);
  if (!in.ok()) return fail(Errc::bad_box);
  return box;
}
template <class Box>
Result<Box> read_fields(BytesView body) {
  ByteReader in(body);
  return read_fields<Box>(in);
}

/// The fields of the first `Box` among the boxes in `children`.
template <class Box>
Result<Box> find_fields(BytesView children) {
  const auto body = find_box(children, Box::kType);
  if (!body) return fail(body.error());
  return read_fields<Box>(*body);
}

}  // namespace sluice::mp4
