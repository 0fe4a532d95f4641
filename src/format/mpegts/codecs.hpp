#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"
#include "format/mpegts/elementary.hpp"
#include "media/codec.hpp"
#include "media/track.hpp"

namespace sluice::mpegts {

/// True where tracks of `codec` can be carried in MPEG-TS: the table of codecs.cpp has a row for it.
bool carries(const media::Codec& codec);

/// How MPEG-TS carries a codec: a row of the table.
struct CodecRow {
  std::string_view codec;    ///< as media::Codec names it
  std::uint8_t stream_type;  ///< in the PMT, ISO/IEC 13818-1 table 2-34
  std::uint8_t stream_id;    ///< of its PES packets; video and audio count up from here, table 2-22
  /// Tells streams of one stream_type apart: format_identifier of a registration or metadata descriptor, or 0.
  std::uint32_t format_identifier;

  /// Null where MPEG-TS has no form for the parameters of this very track.
  std::unique_ptr<Encoder> (*encoder)(const media::Track& track);
  std::unique_ptr<Decoder> (*decoder)();
};

/// The row that carries a track, by its codec and parameters; null where none does.
const CodecRow* row_for(const media::Track& track);
/// The row that a PMT means, or null. `format_identifier` is what the descriptors say, 0 without.
const CodecRow* row_for(std::uint8_t stream_type, std::uint32_t format_identifier);

}  // namespace sluice::mpegts
