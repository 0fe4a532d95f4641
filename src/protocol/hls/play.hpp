#pragma once

#include "protocol/http_play.hpp"

namespace sluice::hls {

/// HLS with MPEG-TS or CMAF segments, and low-latency HLS: playlists, segments, parts and inits of a media.
extern const protocol::HttpPlayProtocol kPlay;

}  // namespace sluice::hls
