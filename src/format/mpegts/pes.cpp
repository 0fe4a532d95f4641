#include "format/mpegts/pes.hpp"

#include "format/mpegts/errc.hpp"

namespace sluice::mpegts {

namespace {

/// 33 bits in five bytes with three marker bits, which many writers forget and no reader needs.
std::uint64_t read_stamp(ByteReader& r) {
  const std::uint64_t high = r.u8() >> 1 & 0x07;
  const std::uint64_t middle = r.be16() >> 1;
  const std::uint64_t low = r.be16() >> 1;
  return high << 30 | middle << 15 | low;
}

}  // namespace

Result<PesHeader> PesHeader::parse(BytesView in) {
  ByteReader r(in);
  PesHeader header;
  const auto start_code_prefix = r.be24();
  header.stream_id = r.u8();
  header.packet_length = r.be16();
  const auto flags = r.u8();
  const auto stamps = r.u8() >> 6;
  ByteReader fields(r.bytes(r.u8()));
  if (in.size() >= 3 && start_code_prefix != 1) return fail(Errc::bad_pes);
  if (!r.ok()) return fail(Errc::truncated);
  if ((flags & 0xc0) != 0x80 || stamps == 1) return fail(Errc::bad_pes);
  header.scrambled = (flags & 0x30) != 0;
  if (stamps >= 2) header.pts = read_stamp(fields);
  if (stamps == 3) header.dts = read_stamp(fields);
  header.size = in.size() - r.left();
  if (!fields.ok()) return fail(Errc::bad_pes);
  if (header.packet_length != 0 && header.packet_length + kPesPrefixSize < header.size) return fail(Errc::bad_pes);
  return header;
}

}  // namespace sluice::mpegts
