#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace sluice::mpegts {

inline constexpr std::uint8_t kPrivateStream1 = 0xbd;  ///< stream_id, ISO/IEC 13818-1 table 2-22
inline constexpr std::uint8_t kAudioStream = 0xc0;     ///< to 0xdf
inline constexpr std::uint8_t kVideoStream = 0xe0;     ///< to 0xef

inline constexpr std::size_t kPesPrefixSize = 6;            ///< up to PES_packet_length, which counts what follows
inline constexpr std::size_t kPesFixedSize = 9;             ///< up to PES_header_data_length
inline constexpr std::size_t kMaxPesPacketLength = 65'535;  ///< only video may go without a length, and be larger

/// The header of a PES packet that has the optional fields (ISO/IEC 13818-1 section 2.4.3.6).
struct PesHeader {
  std::uint8_t stream_id = 0;
  std::size_t packet_length = 0;  ///< PES_packet_length; 0: up to the next packet
  bool scrambled = false;
  std::optional<std::uint64_t> pts;  ///< 33 bits of 90 kHz
  std::optional<std::uint64_t> dts;  ///< only where it differs from the PTS
  std::size_t size = 0;              ///< bytes before the payload

  /// Reads the header at the front of `in`. Errors: truncated where more bytes are needed, bad_pes.
  [[nodiscard]] static Result<PesHeader> parse(BytesView in);
};

}  // namespace sluice::mpegts
