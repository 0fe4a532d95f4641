#include "media/adts.hpp"

#include "core/bits.hpp"
#include "media/errc.hpp"

namespace sluice::media::aac {

AudioSpecificConfig AdtsHeader::config() const {
  return {.object_type = object_type,
          .sample_rate = sample_rate,
          .channel_configuration = channel_configuration,
          .channels = channels_of(channel_configuration)};
}

Result<AdtsHeader> parse_adts(BytesView in) {
  if (in.size() < kAdtsHeaderSize) return fail(Errc::truncated);
  BitReader r(in.first(kAdtsHeaderSize));
  AdtsHeader header;
  const auto syncword = r.bits(12);
  r.flag();  // ID: MPEG-2 or MPEG-4
  const auto layer = r.bits(2);
  header.header_size = r.flag() ? kAdtsHeaderSize : kAdtsHeaderSize + 2;  // protection_absent
  header.object_type = static_cast<unsigned>(r.bits(2)) + 1;
  header.sample_rate = sampling_frequency(static_cast<unsigned>(r.bits(4)));
  r.flag();  // private_bit
  header.channel_configuration = static_cast<unsigned>(r.bits(3));
  r.skip(4);  // original_copy, home, copyright
  header.frame_size = r.bits(13);
  r.skip(11);  // adts_buffer_fullness
  header.raw_data_blocks = static_cast<unsigned>(r.bits(2)) + 1;
  if (syncword != 0xfff || layer != 0 || header.sample_rate == 0 || header.frame_size < header.header_size) {
    return fail(Errc::bad_frame_header);
  }
  return header;
}

std::optional<std::array<std::byte, kAdtsHeaderSize>> adts_header(const AudioSpecificConfig& config,
                                                                  std::size_t payload_size) {
  const auto index = sampling_frequency_index(config.sample_rate);
  if (!index || config.object_type < kMain || config.object_type > kLongTermPrediction ||
      config.channel_configuration > 7 || config.frame_samples != 1024 || payload_size > kMaxAdtsPayload) {
    return std::nullopt;
  }
  constexpr std::uint64_t kVariableRate = 0x7ff;
  std::uint64_t bits = 0xfff1;  // syncword, MPEG-4, layer 0, protection_absent
  bits = bits << 2 | (config.object_type - 1);
  bits = bits << 4 | *index;
  bits = bits << 4 | config.channel_configuration;       // behind private_bit 0
  bits = bits << 17 | (payload_size + kAdtsHeaderSize);  // behind original_copy, home and the copyright bits, all 0
  bits = bits << 11 | kVariableRate;
  bits = bits << 2;  // one raw_data_block
  std::array<std::byte, kAdtsHeaderSize> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(bits >> (8 * (out.size() - 1 - i)));
  return out;
}

}  // namespace sluice::media::aac
