#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// What the reader and the writer of chunks share: Adobe RTMP 1.0 section 5.3.1.
///
///   basic header      | format (2 bits) | chunk stream id (6 bits) | further bytes of the id (0 to 2) |
///   message header    | timestamp (3) | length (3) | type (1) | message stream id (4, little-endian) |
///                       format 1 ends behind the type, format 2 behind the timestamp, format 3 has none
///   extended timestamp| (4), where the timestamp is 0xffffff
namespace sluice::rtmp {

/// Values of the 6 bits that say that the id follows in one or two bytes.
inline constexpr std::uint32_t kTwoByteId = 0;
inline constexpr std::uint32_t kThreeByteId = 1;
inline constexpr std::uint32_t kFirstLongId = 64;

/// Bytes of the message header by format.
inline constexpr std::array<std::size_t, 4> kMessageHeaderBytes = {11, 7, 3, 0};

/// A timestamp field that stands for the extended one.
inline constexpr std::uint32_t kExtended = 0xff'ffff;

inline constexpr std::uint32_t kMaxChunkBytes = 0x7fff'ffff;

}  // namespace sluice::rtmp
