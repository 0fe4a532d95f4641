#include "media/aac.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/bits.hpp"
#include "media/errc.hpp"

namespace sluice::media::aac {

namespace {

constexpr std::array<std::uint32_t, 13> kSamplingFrequencies{96'000, 88'200, 64'000, 48'000, 44'100, 32'000, 24'000,
                                                             22'050, 16'000, 12'000, 11'025, 8'000,  7'350};
constexpr unsigned kExplicitFrequency = 0xf;
constexpr std::uint32_t kLowestRate = 7'000, kHighestRate = 192'000;

// ER object types: like their namesakes, with error resilience tools; the second with short frames.
constexpr unsigned kErLowComplexity = 17, kErLowDelay = 23;

bool is_aac(unsigned object_type) {
  return (object_type >= kMain && object_type <= kLongTermPrediction) || object_type == kErLowComplexity ||
         object_type == kErLowDelay;
}
bool is_error_resilient(unsigned object_type) { return object_type >= kErLowComplexity; }

unsigned read_object_type(BitReader& r) {
  const auto type = static_cast<unsigned>(r.bits(5));
  return type == 31 ? 32 + static_cast<unsigned>(r.bits(6)) : type;
}

void write_object_type(BitWriter& w, unsigned type) {
  w.bits(std::min(type, 31u), 5);
  if (type >= 31) w.bits(type - 32, 6);
}

std::uint32_t read_frequency(BitReader& r) {
  const auto index = static_cast<unsigned>(r.bits(4));
  return index == kExplicitFrequency ? static_cast<std::uint32_t>(r.bits(24)) : sampling_frequency(index);
}

void write_frequency(BitWriter& w, std::uint32_t sample_rate) {
  const auto index = sampling_frequency_index(sample_rate);
  w.bits(index.value_or(kExplicitFrequency), 4);
  if (!index) w.bits(sample_rate, 24);
}

/// program_config_element(), section 4.4.1.1: the channels it lists. `r` is at its element_instance_tag.
unsigned read_program_config_element(BitReader& r) {
  r.skip(4 + 2 + 4);  // tag, object_type, sampling_frequency_index
  const auto elements = static_cast<unsigned>(r.bits(4) + r.bits(4) + r.bits(4));  // front, side, back
  const auto lfe = static_cast<unsigned>(r.bits(2));
  const auto associated_data = static_cast<unsigned>(r.bits(3));
  const auto coupling = static_cast<unsigned>(r.bits(4));
  if (r.flag()) r.skip(4);  // mono_mixdown_element_number
  if (r.flag()) r.skip(4);  // stereo_mixdown_element_number
  if (r.flag()) r.skip(3);  // matrix_mixdown_idx, pseudo_surround_enable
  unsigned channels = lfe;
  for (unsigned i = 0; i < elements; ++i) {
    channels += r.flag() ? 2 : 1;  // channel_pair_element or single_channel_element
    r.skip(4);
  }
  r.skip(4 * (lfe + associated_data) + 5 * coupling);
  r.skip(r.left() % 8);   // byte_alignment, relative to the start of the config
  r.skip(8 * r.bits(8));  // comment_field_data
  return channels;
}

/// GASpecificConfig, section 4.4.1.
void read_general_audio(BitReader& r, AudioSpecificConfig& config) {
  const bool short_frame = r.flag();
  const unsigned samples = config.object_type == kErLowDelay ? 512 : 1024;
  config.frame_samples = short_frame ? samples * 15 / 16 : samples;
  if (r.flag()) r.skip(14);  // coreCoderDelay
  const bool extension = r.flag();
  if (config.channel_configuration == 0) config.channels = read_program_config_element(r);
  if (!extension) return;
  if (is_error_resilient(config.object_type)) r.skip(3);  // section, scalefactor, spectral data resilience
  r.flag();                                               // extensionFlag3
}

/// The extension behind a config whose decoders may ignore it (backward compatible signalling).
void read_sync_extension(BitReader& r, AudioSpecificConfig& config) {
  constexpr unsigned kSbrSync = 0x2b7, kPsSync = 0x548;
  if (r.left() < 16 || r.bits(11) != kSbrSync || read_object_type(r) != kSbr || !r.flag()) return;
  config.sbr = true;
  config.sbr_sample_rate = read_frequency(r);
  if (r.left() >= 12 && r.bits(11) == kPsSync) config.ps = r.flag();
}

bool sound_rate(std::uint32_t rate) { return rate >= kLowestRate && rate <= kHighestRate; }

std::string profile_name(const AudioSpecificConfig& config) {
  if (config.ps) return "HE-AACv2";
  if (config.sbr) return "HE-AAC";
  switch (config.object_type) {
    case kMain: return "Main";
    case kLowComplexity: return "LC";
    case kSsr: return "SSR";
    case kLongTermPrediction: return "LTP";
    case kErLowComplexity: return "ER LC";
    case kErLowDelay: return "LD";
    default: return "";
  }
}

}  // namespace

std::optional<unsigned> sampling_frequency_index(std::uint32_t sample_rate) {
  const auto* const found = std::ranges::find(kSamplingFrequencies, sample_rate);
  if (found == kSamplingFrequencies.end()) return std::nullopt;
  return static_cast<unsigned>(found - kSamplingFrequencies.begin());
}

std::uint32_t sampling_frequency(unsigned index) {
  return index < kSamplingFrequencies.size() ? kSamplingFrequencies[index] : 0;
}

unsigned channels_of(unsigned channel_configuration) {
  static constexpr std::array<std::uint8_t, 15> kChannels{0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8};
  return channel_configuration < kChannels.size() ? kChannels[channel_configuration] : 0;
}

Result<AudioSpecificConfig> parse_config(BytesView asc) {
  BitReader r(asc);
  AudioSpecificConfig config;
  config.object_type = read_object_type(r);
  config.sample_rate = read_frequency(r);
  config.channel_configuration = static_cast<unsigned>(r.bits(4));
  config.channels = channels_of(config.channel_configuration);
  if (config.object_type == kSbr || config.object_type == kParametricStereo) {
    config.sbr = true;
    config.ps = config.object_type == kParametricStereo;
    config.sbr_sample_rate = read_frequency(r);
    config.object_type = read_object_type(r);
  }
  if (!r.ok()) return fail(Errc::truncated);
  if (!is_aac(config.object_type)) return fail(Errc::unsupported_config);
  read_general_audio(r, config);
  if (is_error_resilient(config.object_type)) r.skip(2);  // epConfig
  if (!r.ok()) return fail(Errc::truncated);
  if (!config.sbr) read_sync_extension(r, config);
  if (!r.ok()) return fail(Errc::truncated);

  // SBR runs at the rate of the core coder or, as always in the field, at twice that.
  const bool sound_sbr =
      !config.sbr || config.sbr_sample_rate == config.sample_rate || config.sbr_sample_rate == 2 * config.sample_rate;
  if (!sound_rate(config.sample_rate) || !sound_sbr || config.channels == 0) return fail(Errc::bad_config);
  return config;
}

Bytes write_config(const AudioSpecificConfig& config) {
  Bytes out;
  BitWriter w(out);
  if (config.sbr) {
    write_object_type(w, config.ps ? kParametricStereo : kSbr);
    write_frequency(w, config.sample_rate);
    w.bits(config.channel_configuration, 4);
    write_frequency(w, config.sbr_sample_rate);
    write_object_type(w, config.object_type);
  } else {
    write_object_type(w, config.object_type);
    write_frequency(w, config.sample_rate);
    w.bits(config.channel_configuration, 4);
  }
  w.flag(config.frame_samples == 960 || config.frame_samples == 480);
  w.flag(false);  // dependsOnCoreCoder
  w.flag(false);  // extensionFlag
  if (is_error_resilient(config.object_type)) w.bits(0, 2);
  return out;
}

Result<CodecDetails> details(BytesView asc) {
  const auto config = parse_config(asc);
  if (!config) return std::unexpected(config.error());
  CodecDetails out;
  const unsigned signalled = config->ps ? kParametricStereo : config->sbr ? kSbr : config->object_type;
  out.codec_string = fmt::format("mp4a.40.{}", signalled);
  out.profile = profile_name(*config);
  out.sample_rate = config->sbr ? config->sbr_sample_rate : config->sample_rate;
  out.channels = config->ps && config->channels == 1 ? 2 : config->channels;
  out.samples_per_frame = config->frame_samples * (out.sample_rate / config->sample_rate);
  return out;
}

}  // namespace sluice::media::aac
