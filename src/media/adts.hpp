#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "media/aac.hpp"

/// The transport of AAC where there is no AudioSpecificConfig: MPEG-TS, bare .aac. ISO/IEC 13818-7 section 6.2,
/// ISO/IEC 14496-3 section 1.A.2.2.
namespace sluice::media::aac {

inline constexpr std::size_t kAdtsHeaderSize = 7;
/// The most an ADTS frame can carry behind a header without CRC.
inline constexpr std::size_t kMaxAdtsPayload = 8191 - kAdtsHeaderSize;

struct AdtsHeader {
  unsigned object_type = kLowComplexity;
  std::uint32_t sample_rate = 0;
  unsigned channel_configuration = 0;
  std::size_t header_size = kAdtsHeaderSize;  ///< 9 with CRC
  std::size_t frame_size = 0;                 ///< header included
  unsigned raw_data_blocks = 1;

  /// What a track of such frames has as parameter set.
  [[nodiscard]] AudioSpecificConfig config() const;
};

/// Reads the header at the front of `in`; only its first 7 bytes are needed. Errors: truncated, bad_frame_header.
Result<AdtsHeader> parse_adts(BytesView in);

/// The header of a frame of `payload_size` bytes; nothing where ADTS has no room for the config (object types over 4,
/// rates off the table) or for the payload.
std::optional<std::array<std::byte, kAdtsHeaderSize>> adts_header(const AudioSpecificConfig& config,
                                                                  std::size_t payload_size);

}  // namespace sluice::media::aac
