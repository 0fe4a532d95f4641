#include "format/mpegts/packet_writer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "format/mpegts/packet.hpp"
#include "format/mpegts/pes.hpp"

namespace sluice::mpegts {

namespace {

constexpr std::byte kStuffing{0xff};
constexpr unsigned kTurn = 16;                         // of the continuity_counter
constexpr std::size_t kMaxPesHeader = 19 + kTurn - 1;  // both stamps, stuffing

constexpr std::byte byte_of(std::uint64_t value) { return static_cast<std::byte>(value); }

/// Packets that `size` bytes take, of which the first has room for `first_space`.
constexpr std::size_t packets_for(std::size_t size, std::size_t first_space) {
  if (size <= first_space) return 1;
  return 1 + (size - first_space + kMaxPacketPayload - 1) / kMaxPacketPayload;
}

constexpr std::uint64_t wrapped(Ticks time) { return static_cast<std::uint64_t>(time.count()) & 0x1'ffff'ffff; }

/// A stamp of 33 bits behind its four-bit prefix, with marker bits (section 2.4.3.6).
std::byte* write_stamp(std::byte* to, unsigned prefix, Ticks time) {
  const auto stamp = wrapped(time);
  *to++ = byte_of(prefix << 4 | (stamp >> 29 & 0x0e) | 1);
  *to++ = byte_of(stamp >> 22);
  *to++ = byte_of(stamp >> 14 | 1);
  *to++ = byte_of(stamp >> 7);
  *to++ = byte_of(stamp << 1 | 1);
  return to;
}

/// A PES header without PES_packet_length, which is known when the stuffing is.
struct PesHeaderBytes {
  std::array<std::byte, kMaxPesHeader> bytes;
  std::size_t size;

  explicit PesHeaderBytes(const PesStart& start) {
    const bool has_dts = wrapped(start.dts) != wrapped(start.pts);
    size = kPesFixedSize + (has_dts ? 10 : 5);
    bytes = {std::byte{0}, std::byte{0}, std::byte{1}, std::byte{start.stream_id}};
    bytes[6] = std::byte{0x84};  // data_alignment_indicator: a frame begins here
    bytes[7] = has_dts ? std::byte{0xc0} : std::byte{0x80};
    bytes[8] = byte_of(size - kPesFixedSize);
    std::byte* to = write_stamp(bytes.data() + kPesFixedSize, has_dts ? 3 : 2, start.pts);
    if (has_dts) write_stamp(to, 1, start.dts);
  }

  void stuff(std::size_t n) {
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(size), n, kStuffing);
    size += n;
    bytes[8] = byte_of(size - kPesFixedSize);
  }

  void set_payload_size(std::size_t payload) {
    const std::size_t length = size - kPesPrefixSize + payload;
    if (length > kMaxPesPacketLength) return;  // 0: unbounded
    bytes[4] = byte_of(length >> 8);
    bytes[5] = byte_of(length);
  }
};

}  // namespace

/// What the adaptation field of a packet says beside its stuffing.
struct PacketWriter::Adaptation {
  bool discontinuity = false;
  bool random_access = false;
  std::optional<Ticks> pcr;

  /// Bytes of the field with its length, 0 where it has nothing to say.
  [[nodiscard]] std::size_t size() const {
    if (pcr) return 8;
    return discontinuity || random_access ? 2 : 0;
  }

  /// Fills the whole of `to`.
  void write(std::span<std::byte> to) const {
    to[0] = byte_of(to.size() - 1);
    if (to.size() == 1) return;
    to[1] = byte_of((discontinuity ? 0x80 : 0) | (random_access ? 0x40 : 0) | (pcr ? 0x10 : 0));
    std::size_t at = 2;
    if (pcr) {
      const auto base = wrapped(*pcr);
      for (unsigned i = 0; i < 4; ++i) to[at++] = byte_of(base >> (25 - 8 * i));
      to[at++] = byte_of(base << 7 | 0x7e);  // reserved bits, and program_clock_reference_extension 0
      to[at++] = std::byte{0};
    }
    std::ranges::fill(to.subspan(at), kStuffing);
  }
};

/// Hands out the bytes of a header and of pieces behind it in a row.
class PacketWriter::Source {
 public:
  Source(BytesView head, std::span<const BytesView> pieces) : piece_(head), rest_(pieces) {}

  void copy(std::span<std::byte> to) {
    while (!to.empty()) {
      if (piece_.empty()) {
        piece_ = rest_.front();
        rest_ = rest_.subspan(1);
      }
      const std::size_t n = std::min(to.size(), piece_.size());
      std::memcpy(to.data(), piece_.data(), n);
      piece_ = piece_.subspan(n);
      to = to.subspan(n);
    }
  }

 private:
  BytesView piece_;
  std::span<const BytesView> rest_;
};

PacketWriter::Adaptation PacketWriter::next_adaptation() {
  return {.discontinuity = std::exchange(discontinuity_, false)};
}

/// Writes one packet: `take` bytes of `payload` behind an adaptation field that fills what is left.
void PacketWriter::packet(std::span<std::byte> to, bool start, Adaptation adaptation, Source& payload,
                          std::size_t take) {
  const std::size_t field = kMaxPacketPayload - take;
  to[0] = kSyncByte;
  to[1] = byte_of((start ? 0x40 : 0) | pid_ >> 8);
  to[2] = byte_of(pid_);
  to[3] = byte_of((field != 0 ? 0x30 : 0x10) | continuity_counter_);
  continuity_counter_ = (continuity_counter_ + 1) % kTurn;
  if (field != 0) adaptation.write(to.subspan(kPacketHeaderSize, field));
  payload.copy(to.last(take));
}

void PacketWriter::packets(ByteWriter& out, std::size_t count, Adaptation adaptation, Source& payload,
                           std::size_t size) {
  auto to = out.extend(count * kPacketSize);
  for (std::size_t more = count; more-- > 0; to = to.subspan(kPacketSize)) {
    const std::size_t take = std::min(size - more, kMaxPacketPayload - adaptation.size());
    packet(to.first(kPacketSize), more + 1 == count, adaptation, payload, take);
    adaptation = {};
    size -= take;
  }
}

void PacketWriter::pes(ByteWriter& out, const PesStart& start, const ElementaryBytes& es, bool whole_turn) {
  PesHeaderBytes header(start);
  Adaptation adaptation = next_adaptation();
  adaptation.random_access = start.random_access_indicator;
  adaptation.pcr = start.pcr;
  std::size_t count = packets_for(header.size + es.size(), kMaxPacketPayload - adaptation.size());
  if (whole_turn) {
    count += (2 * kTurn - continuity_counter_ - count % kTurn) % kTurn;
    // Each packet needs a byte of payload, and the first one the whole header.
    if (es.size() < count - 1) header.stuff(count - 1 - es.size());
  }
  header.set_payload_size(es.size());
  Source source(BytesView(header.bytes).first(header.size), es.pieces());
  packets(out, count, adaptation, source, header.size + es.size());
}

void PacketWriter::section(ByteWriter& out, BytesView section) {
  static constexpr std::array kPointerField{std::byte{0}};
  static constexpr auto kFill = [] {
    std::array<std::byte, kMaxPacketPayload> fill{};
    fill.fill(kStuffing);
    return fill;
  }();
  const Adaptation adaptation = next_adaptation();
  const std::size_t first_space = kMaxPacketPayload - adaptation.size();
  const std::size_t size = kPointerField.size() + section.size();
  const std::size_t count = packets_for(size, first_space);
  const std::size_t space = first_space + (count - 1) * kMaxPacketPayload;
  const std::array pieces{section, BytesView(kFill).first(space - size)};
  Source source(kPointerField, pieces);
  packets(out, count, adaptation, source, space);
}

void PacketWriter::clock(ByteWriter& out, Ticks pcr) {
  Adaptation adaptation = next_adaptation();
  adaptation.pcr = pcr;
  const auto to = out.extend(kPacketSize);
  to[0] = kSyncByte;
  to[1] = byte_of(pid_ >> 8);
  to[2] = byte_of(pid_);
  to[3] = byte_of(0x20 | (continuity_counter_ + kTurn - 1) % kTurn);  // counts packets with payload only
  adaptation.write(to.subspan(kPacketHeaderSize));
}

}  // namespace sluice::mpegts
