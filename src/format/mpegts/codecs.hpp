#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "format/mpegts/decoder.hpp"
#include "format/mpegts/encoder.hpp"
#include "media/codec.hpp"
#include "media/track.hpp"

namespace sluice::mpegts {

/// True where tracks of `codec` can be carried in MPEG-TS: the table of codecs.cpp has a row for it.
bool carries(const media::Codec& codec);

/// How MPEG-TS carries a codec: a row of the table.
struct CodecRow {
  std::string_view codec;        ///< as media::Codec names it
  std::uint8_t stream_type = 0;  ///< in the PMT, ISO/IEC 13818-1 table 2-34
  std::uint8_t stream_id = 0;    ///< of its PES packets, table 2-22; video and audio count up from here
  /// Tells streams of one stream_type apart: format_identifier of the metadata or registration descriptor, or 0.
  std::uint32_t format_identifier = 0;
  /// Which tracks of the codec the row is for; null: those that no row before it takes.
  bool (*suits)(const media::CodecDetails& details) = nullptr;

  /// Null where the elementary stream has no form for the parameters of this very track.
  std::unique_ptr<Encoder> (*encoder)(const media::Track& track) = nullptr;
  std::unique_ptr<Decoder> (*decoder)() = nullptr;
};

/// The row for a track, or null.
const CodecRow* row_for(const media::Track& track);
/// The row that a PMT means, or null. `format_identifier` is what the stream's descriptors say, 0 without.
const CodecRow* row_for(std::uint8_t stream_type, std::uint32_t format_identifier);

/// Adds a row to the table. For tests, before any other thread looks.
void add_codec(const CodecRow& row);

}  // namespace sluice::mpegts
