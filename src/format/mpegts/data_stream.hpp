#pragma once

#include <memory>

#include "format/mpegts/decoder.hpp"
#include "format/mpegts/encoder.hpp"
#include "media/track.hpp"

/// Point events in MPEG-TS, ID3 tags and KLV packets: each is the payload of one PES packet, as it is.
namespace sluice::mpegts {

std::unique_ptr<Encoder> data_encoder(const media::Track& track);
std::unique_ptr<Decoder> data_decoder();

}  // namespace sluice::mpegts
