#pragma once

#include <cstdint>

#include "core/bytes.hpp"
#include "core/result.hpp"

/// The body of an `esds` box: the MPEG-4 elementary stream descriptor (ISO/IEC 14496-14 6.7, 14496-1 7.2.6), which says
/// what an `mp4a` sample entry is. Internal to this room.
namespace sluice::mp4 {

struct EsDescriptor {
  std::uint8_t object_type = 0;  ///< objectTypeIndication, ISO/IEC 14496-1 table 5
  BytesView decoder_config;      ///< DecoderSpecificInfo, for AAC its AudioSpecificConfig; may be empty
};

/// Writes the body of an audio track's `esds`, without the box header. Buffer size and bitrates are left at 0, unknown.
void write_es_descriptor(ByteWriter& out, const EsDescriptor& descriptor);

/// Reads the body of an `esds` box. `decoder_config` is a view of it.
Result<EsDescriptor> read_es_descriptor(BytesView body);

}  // namespace sluice::mp4
