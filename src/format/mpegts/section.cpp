#include "format/mpegts/section.hpp"

#include "format/mpegts/crc32.hpp"
#include "format/mpegts/errc.hpp"

namespace sluice::mpegts {

namespace {
constexpr std::size_t kCrcSize = 4;
}

Result<Section> Section::parse(BytesView in) {
  ByteReader r(in);
  Section section;
  section.table_id = r.u8();
  const auto length = r.be16();
  if (!r.ok()) return fail(Errc::truncated);
  if ((length & 0x8000) == 0) return fail(Errc::bad_section);  // section_syntax_indicator
  const std::size_t size = 3 + (length & 0x0fff);
  if (size < kSectionHeaderSize + kCrcSize) return fail(Errc::bad_section);
  if (in.size() < size) return fail(Errc::truncated);
  if (crc32(in.first(size)) != 0) return fail(Errc::bad_crc);
  section.table_id_extension = r.be16();
  const auto version = r.u8();
  section.version = version >> 1 & 0x1f;
  section.current = (version & 1) != 0;
  section.body = in.first(size - kCrcSize).subspan(kSectionHeaderSize);
  return section;
}

Bytes Section::write() const {
  Bytes out;
  ByteWriter w(out);
  w.u8(table_id);
  w.be16(0xb000 | (kSectionHeaderSize - 3 + body.size() + kCrcSize));  // section_syntax_indicator, reserved
  w.be16(table_id_extension);
  w.u8(0xc0 | version << 1 | (current ? 1 : 0));
  w.be16(0);  // section_number, last_section_number
  w.bytes(body);
  w.be32(crc32(out));
  return out;
}

}  // namespace sluice::mpegts
