#pragma once

#include <cstdint>

#include "core/bytes.hpp"

namespace sluice::mpegts {

/// CRC_32 of ISO/IEC 13818-1 annex A; 0 over a section that ends with its own CRC.
std::uint32_t crc32(BytesView bytes);

}  // namespace sluice::mpegts
