#include "format/mp4/esds.hpp"

#include "format/mp4/errc.hpp"

namespace sluice::mp4 {
namespace {

// Class tags, ISO/IEC 14496-1 table 1.
constexpr std::uint8_t kEsDescriptor = 0x03;
constexpr std::uint8_t kDecoderConfig = 0x04;
constexpr std::uint8_t kDecoderSpecificInfo = 0x05;
constexpr std::uint8_t kSyncLayerConfig = 0x06;

// A length is written in groups of 7 bits, each byte but the last with its high bit set (8.3.3).
std::size_t length_size(std::size_t length) { return length < 0x80 ? 1 : 1 + length_size(length >> 7); }
std::size_t descriptor_size(std::size_t length) { return 1 + length_size(length) + length; }

void write_header(ByteWriter& out, std::uint8_t tag, std::size_t length) {
  out.u8(tag);
  for (std::size_t group = length_size(length); group-- > 0;) {
    out.u8((length >> (7 * group) & 0x7f) | (group > 0 ? 0x80 : 0));
  }
}

// The body of the next descriptor in `in` that has this tag; empty and not ok where there is none.
BytesView seek_descriptor(ByteReader& in, std::uint8_t tag) {
  while (in.ok()) {
    const auto found = in.u8();
    std::size_t length = 0;
    for (int i = 0; i < 4; ++i) {
      const auto byte = in.u8();
      length = length << 7 | (byte & 0x7f);
      if (!(byte & 0x80)) break;
    }
    const auto body = in.bytes(length);
    if (found == tag) return body;
  }
  return {};
}

}  // namespace

void write_es_descriptor(ByteWriter& out, const EsDescriptor& descriptor) {
  constexpr std::size_t kDecoderConfigFields = 13;
  constexpr std::uint8_t kAudioStream = 0x05 << 2 | 1;  // streamType, upStream, reserved
  constexpr std::uint8_t kMp4SyncLayer = 0x02;
  const std::size_t info = descriptor.decoder_config.size();
  const std::size_t config = kDecoderConfigFields + (info > 0 ? descriptor_size(info) : 0);

  out.zeros(4);  // version and flags of the box
  write_header(out, kEsDescriptor, 3 + descriptor_size(config) + descriptor_size(1));
  out.zeros(3);  // ES_ID is 0 in a file, no optional fields
  write_header(out, kDecoderConfig, config);
  out.u8(descriptor.object_type);
  out.u8(kAudioStream);
  out.zeros(11);  // bufferSizeDB, maxBitrate, avgBitrate
  if (info > 0) {
    write_header(out, kDecoderSpecificInfo, info);
    out.bytes(descriptor.decoder_config);
  }
  write_header(out, kSyncLayerConfig, 1);
  out.u8(kMp4SyncLayer);
}

Result<EsDescriptor> read_es_descriptor(BytesView body) {
  ByteReader box(body);
  box.skip(4);
  ByteReader stream(seek_descriptor(box, kEsDescriptor));
  stream.skip(2);
  const auto flags = stream.u8();
  if (flags & 0x80) stream.skip(2);            // dependsOn_ES_ID
  if (flags & 0x40) stream.skip(stream.u8());  // URL
  if (flags & 0x20) stream.skip(2);            // OCR_ES_Id
  ByteReader config(seek_descriptor(stream, kDecoderConfig));
  EsDescriptor out;
  out.object_type = config.u8();
  config.skip(12);
  if (!box.ok() || !stream.ok() || !config.ok()) return fail(Errc::bad_box);
  if (config.left() > 0) {
    out.decoder_config = seek_descriptor(config, kDecoderSpecificInfo);
    if (!config.ok()) out.decoder_config = {};  // only other descriptors, which is no error
  }
  return out;
}

}  // namespace sluice::mp4
