#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "media/codec.hpp"

namespace sluice::media::mp3 {

inline constexpr std::size_t kHeaderSize = 4;

/// The four bytes at the front of each frame: ISO/IEC 11172-3 section 2.4.1.3, ISO/IEC 13818-3 section 2.4.2.3, and the
/// field's "MPEG-2.5" for 8 to 12 kHz.
struct FrameHeader {
  enum class Version : std::uint8_t { mpeg1, mpeg2, mpeg2_5 };
  Version version = Version::mpeg1;
  unsigned layer = 3;         ///< 1 to 3
  std::uint32_t bitrate = 0;  ///< bit/s
  std::uint32_t sample_rate = 0;
  unsigned channels = 0;
  unsigned samples_per_frame = 0;
  std::size_t frame_size = 0;  ///< bytes, header included
};

/// Reads the header at the front of `in`. Free format is refused: only its next frame tells its size.
/// Errors: truncated, bad_frame_header.
Result<FrameHeader> parse_header(BytesView in);

/// The config of a track, for a source that has only frames: the header of `payload` where version, layer, sample rate
/// or channels differ from those of `config`, or `config` is empty. Nothing where all stays the same, or the header is
/// unreadable. Bitrate and padding may change from frame to frame.
std::optional<Bytes> updated_config(BytesView config, BytesView payload);

/// The column of the codec table; `config` is the header of a frame.
Result<CodecDetails> details(BytesView config);

}  // namespace sluice::media::mp3
