#include "media/mp3.hpp"

#include <fmt/format.h>

#include <array>

#include "core/bits.hpp"
#include "media/errc.hpp"

namespace sluice::media::mp3 {

namespace {

using Bitrates = std::array<std::uint16_t, 15>;  // kbit/s; index 0 is free format

// ISO/IEC 11172-3 section 2.4.2.3 and, for the low sampling frequencies, ISO/IEC 13818-3 section 2.4.2.3.
constexpr std::array<Bitrates, 3> kMpeg1Bitrates{{
    {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
}};
constexpr std::array<Bitrates, 3> kMpeg2Bitrates{{
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
}};
constexpr std::array<std::uint32_t, 3> kMpeg1Frequencies{44'100, 48'000, 32'000};

std::uint32_t sampling_frequency(FrameHeader::Version version, unsigned index) {
  const unsigned divisor = version == FrameHeader::Version::mpeg1 ? 1 : version == FrameHeader::Version::mpeg2 ? 2 : 4;
  return kMpeg1Frequencies[index] / divisor;
}

void compute_size(FrameHeader& header, bool padding) {
  const bool low_frequencies = header.version != FrameHeader::Version::mpeg1;
  header.samples_per_frame = header.layer == 1 ? 384 : header.layer == 3 && low_frequencies ? 576 : 1152;
  const unsigned slot = header.layer == 1 ? 4 : 1;  // bytes
  const std::size_t slots = header.samples_per_frame / 8 / slot * header.bitrate / header.sample_rate;
  header.frame_size = (slots + (padding ? 1 : 0)) * slot;
}

}  // namespace

// 11111111 111VVLLp bbbbffP. mm......: version, layer, protection, bitrate, frequency, padding, mode
Result<FrameHeader> parse_header(BytesView in) {
  if (in.size() < kHeaderSize) return fail(Errc::truncated);
  BitReader r(in);
  const auto syncword = r.bits(11);
  const auto version = r.bits(2);  // 0: MPEG-2.5, 1: reserved, 2: MPEG-2, 3: MPEG-1
  const auto layer = r.bits(2);    // 0: reserved, 1: III, 2: II, 3: I
  r.flag();                        // protection_bit
  const auto bitrate_index = r.bits(4);
  const auto frequency_index = static_cast<unsigned>(r.bits(2));
  const bool padding = r.flag();
  r.flag();  // private_bit
  const auto mode = r.bits(2);
  r.skip(4);  // mode_extension, copyright, original
  const auto emphasis = r.bits(2);
  const bool reserved = version == 1 || layer == 0 || bitrate_index == 15 || frequency_index == 3 || emphasis == 2;
  const bool free_format = bitrate_index == 0;
  const bool unheard_of = version == 0 && layer != 1;  // MPEG-2.5 is layer III only
  if (syncword != 0x7ff || reserved || free_format || unheard_of) return fail(Errc::bad_frame_header);

  using Version = FrameHeader::Version;
  FrameHeader header;
  header.version = version == 3 ? Version::mpeg1 : version == 2 ? Version::mpeg2 : Version::mpeg2_5;
  header.layer = 4 - static_cast<unsigned>(layer);
  const auto& bitrates = header.version == Version::mpeg1 ? kMpeg1Bitrates : kMpeg2Bitrates;
  header.bitrate = bitrates[header.layer - 1][bitrate_index] * 1000u;
  header.sample_rate = sampling_frequency(header.version, frequency_index);
  header.channels = mode == 3 ? 1 : 2;
  compute_size(header, padding);
  return header;
}

std::optional<Bytes> updated_config(BytesView config, BytesView payload) {
  const auto now = parse_header(payload);
  if (!now) return std::nullopt;
  if (const auto before = parse_header(config);
      before && before->version == now->version && before->layer == now->layer &&
      before->sample_rate == now->sample_rate && before->channels == now->channels) {
    return std::nullopt;
  }
  return Bytes(payload.begin(), payload.begin() + kHeaderSize);
}

Result<CodecDetails> details(BytesView config) {
  const auto header = parse_header(config);
  if (!header) return std::unexpected(header.error());
  CodecDetails out;
  out.codec_string = fmt::format("mp4a.40.{}", 31 + header->layer);  // object types 32 to 34 of ISO/IEC 14496-3
  out.profile = fmt::format("Layer {}", std::string_view("III").substr(0, header->layer));
  out.sample_rate = header->sample_rate;
  out.channels = header->channels;
  out.samples_per_frame = header->samples_per_frame;
  return out;
}

}  // namespace sluice::media::mp3
