#include "load/stamp.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "media/h264.hpp"
#include "media/h264_rbsp.hpp"

namespace sluice::load {
namespace {

namespace h264 = media::h264;
using std::chrono::microseconds;

// Drawn by lot; names this message and no other.
constexpr std::array<std::uint8_t, 16> kUuid = {0x5c, 0x1f, 0x83, 0xd2, 0x9b, 0x64, 0x4e, 0x07,
                                                0xa1, 0x3e, 0x76, 0xc8, 0x20, 0xdb, 0x95, 0x4a};
constexpr std::uint8_t kUserDataUnregistered = 5;
constexpr std::uint8_t kMessageSize = 16 + 4 + 8 + 8 + 8 + 8;
// SEI of real streams is some hundred bytes; what is larger is none of ours.
constexpr std::size_t kMostSeiBytes = 4096;

/// The boot of this machine: processes that share it share the monotonic clock.
std::uint64_t this_machine() {
  static const std::uint64_t id = [] {
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;  // FNV-1a
    for (const char c : boot) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
    return hash;
  }();
  return id;
}

microseconds steady_now() {
  return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now().time_since_epoch());
}
UtcTime utc_now() { return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now()); }

/// Emulation prevention, H.264 section 7.3.1.
void write_escaped(ByteWriter& out, BytesView rbsp) {
  unsigned zeros = 0;
  for (const std::byte b : rbsp) {
    if (zeros == 2 && b <= std::byte{3}) {
      out.u8(3);
      zeros = 0;
    }
    out.u8(std::to_integer<std::uint8_t>(b));
    zeros = b == std::byte{0} ? zeros + 1 : 0;
  }
}

/// A payload type or size: 255 for as often as it fits, then the rest. H.264 section 7.3.2.3.1.
std::size_t sei_number(ByteReader& in) {
  std::size_t value = 0;
  for (std::uint8_t b = 0xff; b == 0xff && in.ok();) value += b = in.u8();
  return value;
}

std::optional<Stamp> read_message(BytesView message) {
  ByteReader in(message);
  const auto uuid = in.bytes(kUuid.size());
  if (!std::ranges::equal(uuid, std::as_bytes(std::span(kUuid)))) return {};
  Stamp stamp{.run = in.be32(), .frame = in.be64(), .machine = in.be64()};
  stamp.steady = microseconds(static_cast<std::int64_t>(in.be64()));
  stamp.utc = UtcTime(microseconds(static_cast<std::int64_t>(in.be64())));
  if (!in.ok()) return {};
  return stamp;
}

std::optional<Stamp> find_in_sei(BytesView nal) {
  if (nal.size() > kMostSeiBytes) return {};
  const Bytes rbsp = h264::unescape(nal);
  ByteReader in(rbsp);
  in.u8();  // NAL header
  while (in.left() > 1) {
    const auto type = sei_number(in);
    const auto size = sei_number(in);
    const auto message = in.bytes(size);
    if (!in.ok()) break;
    if (type != kUserDataUnregistered) continue;
    if (auto stamp = read_message(message)) return stamp;
  }
  return {};
}

}  // namespace

Stamp Stamp::now(std::uint32_t run, std::uint64_t frame) {
  return {.run = run, .frame = frame, .machine = this_machine(), .steady = steady_now(), .utc = utc_now()};
}

microseconds age(const Stamp& stamp) {
  return stamp.machine == this_machine() ? steady_now() - stamp.steady : utc_now() - stamp.utc;
}

Bytes write_stamp(const Stamp& stamp) {
  Bytes rbsp;
  ByteWriter w(rbsp);
  w.u8(kUserDataUnregistered);
  w.u8(kMessageSize);
  w.bytes(std::as_bytes(std::span(kUuid)));
  w.be32(stamp.run);
  w.be64(stamp.frame);
  w.be64(stamp.machine);
  w.be64(static_cast<std::uint64_t>(stamp.steady.count()));
  w.be64(static_cast<std::uint64_t>(stamp.utc.time_since_epoch().count()));
  w.u8(0x80);  // rbsp_trailing_bits

  Bytes nal;
  ByteWriter out(nal);
  out.u8(static_cast<std::uint8_t>(h264::NalType::sei));
  write_escaped(out, rbsp);
  return nal;
}

std::optional<Stamp> find_stamp(BytesView payload) {
  for (const BytesView nal : h264::nal_units(payload)) {
    const auto type = h264::nal_type(nal);
    if (h264::is_slice(type)) break;
    if (type != h264::NalType::sei) continue;
    if (auto stamp = find_in_sei(nal)) return stamp;
  }
  return {};
}

std::size_t place_for_stamp(BytesView payload) {
  for (const BytesView nal : h264::nal_units(payload)) {
    if (h264::is_slice(h264::nal_type(nal))) return static_cast<std::size_t>(nal.data() - payload.data()) - 4;
  }
  return payload.size();
}

}  // namespace sluice::load
