#pragma once

#include <memory>

#include "format/mpegts/decoder.hpp"
#include "format/mpegts/encoder.hpp"
#include "media/track.hpp"

/// H.264 in MPEG-TS: an Annex B byte stream, each access unit behind a delimiter, the parameter sets before each random
/// access point (ISO/IEC 13818-1 section 2.14.1).
namespace sluice::mpegts {

std::unique_ptr<Encoder> h264_encoder(const media::Track& track);

/// One PES packet is one access unit. Delimiters, filler and parameter sets are taken out of the payload; the latter
/// become the config.
std::unique_ptr<Decoder> h264_decoder();

}  // namespace sluice::mpegts
