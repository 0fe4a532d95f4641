#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "media/codec.hpp"

namespace sluice::media::aac {

/// Audio object types, ISO/IEC 14496-3 table 1.17.
inline constexpr unsigned kMain = 1, kLowComplexity = 2, kSsr = 3, kLongTermPrediction = 4, kSbr = 5,
                          kParametricStereo = 29;

/// AudioSpecificConfig, ISO/IEC 14496-3 section 1.6.2.1.
struct AudioSpecificConfig {
  unsigned object_type = kLowComplexity;  ///< of the core coder, never kSbr or kParametricStereo
  std::uint32_t sample_rate = 0;          ///< Hz, of the core coder
  unsigned channel_configuration = 0;     ///< table 1.19; 0: the program_config_element says
  unsigned channels = 0;                  ///< of the core coder
  unsigned frame_samples = 1024;          ///< of the core coder: 1024 or 960; 512 or 480 for low delay
  bool sbr = false;                       ///< spectral band replication is signalled (HE-AAC)
  bool ps = false;                        ///< parametric stereo is signalled (HE-AAC v2)
  std::uint32_t sbr_sample_rate = 0;      ///< Hz after SBR, where `sbr`

  bool operator==(const AudioSpecificConfig&) const = default;
};

/// Errors: truncated, bad_config, unsupported_config for object types that are no AAC.
Result<AudioSpecificConfig> parse_config(BytesView asc);
/// The bytes of a config without program_config_element, SBR and PS signalled explicitly. REQUIRES: sample_rate != 0.
Bytes write_config(const AudioSpecificConfig& config);

/// Index of a rate in table 1.18; nothing for the rates that are not in it.
std::optional<unsigned> sampling_frequency_index(std::uint32_t sample_rate);
/// The rate at an index of table 1.18, 0 for reserved ones.
std::uint32_t sampling_frequency(unsigned index);
/// Channels of a channelConfiguration of table 1.19, 0 for 0 and reserved ones.
unsigned channels_of(unsigned channel_configuration);

/// The column of the codec table. Sample rate, channels and samples per frame are those that come out of a decoder that
/// knows SBR and PS.
Result<CodecDetails> details(BytesView asc);

}  // namespace sluice::media::aac
