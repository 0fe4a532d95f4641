#include "format/mpegts/packet.hpp"

#include "format/mpegts/errc.hpp"

namespace sluice::mpegts {

namespace {

/// Section 2.4.3.4, as far as it is of use here.
bool parse_adaptation_field(BytesView field, PacketView& packet) {
  if (field.empty()) return true;
  ByteReader r(field);
  const auto flags = r.u8();
  packet.discontinuity_indicator = (flags & 0x80) != 0;
  packet.random_access_indicator = (flags & 0x40) != 0;
  if ((flags & 0x10) != 0) {
    const std::uint64_t base = r.be32();
    packet.pcr = base << 1 | r.be16() >> 15;  // six reserved bits and the extension of 9 bits follow
  }
  return r.ok();
}

}  // namespace

Result<PacketView> PacketView::parse(BytesView in) {
  if (in.size() < kPacketSize) return fail(Errc::truncated);
  ByteReader r(in.first(kPacketSize));
  if (r.u8() != std::to_integer<unsigned>(kSyncByte)) return fail(Errc::no_sync_byte);
  const auto pid = r.be16();
  const auto control = r.u8();
  PacketView packet;
  packet.transport_error_indicator = (pid & 0x8000) != 0;
  packet.payload_unit_start_indicator = (pid & 0x4000) != 0;
  packet.pid = pid & 0x1fff;
  packet.scrambled = (control & 0xc0) != 0;
  packet.continuity_counter = control & 0x0f;
  const bool has_field = (control & 0x20) != 0;
  const bool has_payload = (control & 0x10) != 0;
  if (!has_field && !has_payload) return fail(Errc::bad_packet);  // reserved
  if (has_field) {
    const auto length = r.u8();
    if (!parse_adaptation_field(r.bytes(length), packet) || !r.ok()) return fail(Errc::bad_packet);
  }
  if (has_payload) packet.payload = r.rest();
  return packet;
}

}  // namespace sluice::mpegts
