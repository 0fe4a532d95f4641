#pragma once

#include <cstdint>
#include <span>

#include "core/bytes.hpp"
#include "protocol/rtmp/message.hpp"

namespace sluice::rtmp {

/// Bytes of payload in the chunks that we send. Whoever sends announces it first (write_set_chunk_size): a frame is
/// then one chunk or a few.
inline constexpr std::uint32_t kChunkBytes = 65'536;

/// Appends a message: a type 0 header with the absolute stamp, type 3 headers in between as the chunk size demands,
/// with the extended timestamp repeated where it is in use. So the bytes do not depend on what went before, and every
/// viewer can be sent the same. The body is the parts in a row. REQUIRES: at most kMaxMessageBytes of body.
void write_message(ByteWriter& out, const MessageHeader& header, std::span<const BytesView> body_parts,
                   std::uint32_t chunk_bytes = kChunkBytes);

}  // namespace sluice::rtmp
