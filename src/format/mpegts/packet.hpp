#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace sluice::mpegts {

inline constexpr std::size_t kPacketSize = 188;
inline constexpr std::size_t kPacketHeaderSize = 4;
inline constexpr std::size_t kMaxPacketPayload = kPacketSize - kPacketHeaderSize;
inline constexpr std::byte kSyncByte{0x47};

inline constexpr std::uint16_t kPatPid = 0x0000;
inline constexpr std::uint16_t kSdtPid = 0x0011;  ///< ETSI EN 300 468 table 1
inline constexpr std::uint16_t kNullPid = 0x1fff;

/// A transport packet, ISO/IEC 13818-1 section 2.4.3.2. Views the caller's memory.
struct PacketView {
  bool transport_error_indicator = false;
  bool payload_unit_start_indicator = false;
  std::uint16_t pid = 0;
  bool scrambled = false;
  std::uint8_t continuity_counter = 0;
  bool discontinuity_indicator = false;
  bool random_access_indicator = false;
  std::optional<std::uint64_t> pcr;  ///< program_clock_reference_base: 33 bits of 90 kHz
  std::optional<BytesView> payload;  ///< nothing where adaptation_field_control says that there is none

  /// Reads the packet at the front of `in`. Errors: truncated (fewer than kPacketSize bytes), no_sync_byte, bad_packet.
  [[nodiscard]] static Result<PacketView> parse(BytesView in);
};

}  // namespace sluice::mpegts
