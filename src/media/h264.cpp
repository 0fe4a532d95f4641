#include "media/h264.hpp"

#include <algorithm>
#include <array>

#include "core/bits.hpp"
#include "media/errc.hpp"
#include "media/h264_rbsp.hpp"

namespace sluice::media::h264 {

namespace {

constexpr std::array kStartCode{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
constexpr unsigned kRecoveryPoint = 6;  // payloadType, H.264 D.1.1

/// True where the SEI NAL unit holds a message of that payloadType (below 255).
bool has_sei_message(BytesView nal, unsigned wanted) {
  const Bytes rbsp = unescape(nal.subspan(1));
  ByteReader r(rbsp);
  // A message is at least two bytes, rbsp_trailing_bits are one.
  while (r.left() >= 2) {
    std::uint32_t type = 0, size = 0;
    std::uint8_t b = 0;
    do type += b = r.u8();
    while (b == 0xff);
    do size += b = r.u8();
    while (b == 0xff);
    if (type == wanted && size <= r.left()) return r.ok();
    r.skip(size);
  }
  return false;
}

bool is_intra_slice(BytesView nal) {
  constexpr std::size_t kTwoCodes = 12;  // first_mb_in_slice and slice_type, and emulation prevention in between
  const Bytes rbsp = unescape(nal.subspan(1, std::min(nal.size() - 1, kTwoCodes)));
  BitReader r(rbsp);
  r.ue();                                 // first_mb_in_slice
  const std::uint32_t type = r.ue() % 5;  // H.264 table 7-6: 5 more says "all slices of the picture"
  return r.ok() && (type == 2 || type == 4);
}

}  // namespace

void NalUnits::iterator::advance() {
  nal_ = {};
  while (nal_.empty() && rest_.size() > 4) {
    ByteReader r(rest_);
    nal_ = r.bytes(r.be32());
    rest_ = r.rest();
  }
}

std::size_t sound_length(BytesView payload) {
  ByteReader r(payload);
  std::size_t sound = 0;
  while (r.left() > 0) {
    r.skip(r.be32());
    if (!r.ok()) break;
    sound = payload.size() - r.left();
  }
  return sound;
}

Result<Bytes> with_four_byte_lengths(BytesView in, unsigned length_size) {
  Bytes out;
  out.reserve(in.size() + 64);
  ByteWriter w(out);
  ByteReader r(in);
  while (r.left() > 0) {
    std::size_t length = 0;
    for (unsigned i = 0; i < length_size; ++i) length = length << 8 | r.u8();
    const BytesView nal = r.bytes(length);
    if (!r.ok()) return fail(Errc::bad_nal_length);
    if (nal.empty()) continue;
    w.be32(nal.size());
    w.bytes(nal);
  }
  return out;
}

std::vector<BytesView> split_annex_b(BytesView stream) {
  std::vector<BytesView> nals;
  std::size_t begin = stream.size();  // of the NAL unit being passed over; none before the first start code
  const auto end_at = [&](std::size_t end) {
    while (end > begin && stream[end - 1] == std::byte{0}) --end;
    if (end > begin) nals.push_back(stream.subspan(begin, end - begin));
  };
  std::size_t i = 2;
  while (i < stream.size()) {
    const auto third = std::to_integer<unsigned>(stream[i]);
    if (third > 1) {
      i += 3;  // none of the next two bytes can end a start code that includes this one
    } else if (third == 1 && stream[i - 1] == std::byte{0} && stream[i - 2] == std::byte{0}) {
      end_at(i - 2);
      begin = i + 1;
      i += 3;
    } else {
      ++i;
    }
  }
  end_at(stream.size());
  return nals;
}

Bytes from_annex_b(BytesView stream) {
  Bytes out;
  out.reserve(stream.size() + 16);
  ByteWriter w(out);
  for (const BytesView nal : split_annex_b(stream)) {
    w.be32(nal.size());
    w.bytes(nal);
  }
  return out;
}

void write_annex_b(ByteWriter& out, BytesView nal) {
  out.bytes(kStartCode);
  out.bytes(nal);
}

Bytes to_annex_b(BytesView payload) {
  Bytes out;
  out.reserve(payload.size());
  ByteWriter w(out);
  for (const BytesView nal : nal_units(payload)) write_annex_b(w, nal);
  return out;
}

bool random_access(BytesView payload) {
  bool recovery = false;
  for (const BytesView nal : nal_units(payload)) {
    const NalType type = nal_type(nal);
    if (type == NalType::idr) return true;
    if (type == NalType::sei && !recovery) recovery = has_sei_message(nal, kRecoveryPoint);
    if (is_slice(type)) return recovery;
  }
  return false;
}

bool has_picture(BytesView payload) {
  return std::ranges::any_of(nal_units(payload), [](BytesView nal) { return is_slice(nal_type(nal)); });
}

bool intra_only(BytesView payload) {
  bool any = false;
  for (const BytesView nal : nal_units(payload)) {
    const NalType type = nal_type(nal);
    if (type == NalType::partition_b || type == NalType::partition_c || !is_slice(type)) continue;
    if (!is_intra_slice(nal)) return false;
    any = true;
  }
  return any;
}

bool disposable(BytesView payload) {
  bool any = false;
  for (const BytesView nal : nal_units(payload)) {
    if (!is_slice(nal_type(nal))) continue;
    if ((nal[0] & std::byte{0x60}) != std::byte{0}) return false;  // nal_ref_idc
    any = true;
  }
  return any;
}

}  // namespace sluice::media::h264
