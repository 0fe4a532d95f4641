#include "protocol/rtmp/chunk_writer.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "protocol/rtmp/chunk_format.hpp"

namespace sluice::rtmp {
namespace {

void write_basic_header(ByteWriter& out, unsigned format, std::uint32_t chunk_stream) {
  const auto write_first = [&](std::uint32_t id) { out.u8(format << 6 | id); };
  if (chunk_stream < kFirstLongId) {
    write_first(chunk_stream);
    return;
  }
  const auto id = chunk_stream - kFirstLongId;
  write_first(id < 256 ? kTwoByteId : kThreeByteId);
  out.u8(id & 0xff);
  if (id >= 256) out.u8(id >> 8);
}

}  // namespace

void write_message(ByteWriter& out, const MessageHeader& header, std::span<const BytesView> body_parts,
                   std::uint32_t chunk_bytes) {
  std::size_t length = 0;
  for (const auto part : body_parts) length += part.size();
  SLUICE_ASSERT(length <= kMaxMessageBytes, "an RTMP message has at most 16 MiB");

  const bool extended = header.timestamp >= kExtended;
  write_basic_header(out, 0, header.chunk_stream);
  out.be24(extended ? kExtended : header.timestamp);
  out.be24(length);
  out.u8(static_cast<std::uint8_t>(header.type));
  out.le32(header.stream);
  if (extended) out.be32(header.timestamp);

  std::size_t chunk_left = chunk_bytes;
  for (auto part : body_parts) {
    while (!part.empty()) {
      if (chunk_left == 0) {
        write_basic_header(out, 3, header.chunk_stream);
        if (extended) out.be32(header.timestamp);
        chunk_left = chunk_bytes;
      }
      const auto n = std::min(chunk_left, part.size());
      out.bytes(part.first(n));
      part = part.subspan(n);
      chunk_left -= n;
    }
  }
}

}  // namespace sluice::rtmp
