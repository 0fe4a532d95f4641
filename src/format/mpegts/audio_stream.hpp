#pragma once

#include <memory>

#include "format/mpegts/decoder.hpp"
#include "format/mpegts/encoder.hpp"
#include "media/track.hpp"

/// AAC and MP3 in MPEG-TS: frames that tell their own length, AAC behind ADTS headers. Frames and PES packets need not
/// begin together: the stamp of a PES packet belongs to the first frame that begins in it.
namespace sluice::mpegts {

/// Null where ADTS has no room for the track's AudioSpecificConfig.
std::unique_ptr<Encoder> aac_encoder(const media::Track& track);
std::unique_ptr<Decoder> aac_decoder();

std::unique_ptr<Encoder> mp3_encoder(const media::Track& track);
std::unique_ptr<Decoder> mp3_decoder();

}  // namespace sluice::mpegts
