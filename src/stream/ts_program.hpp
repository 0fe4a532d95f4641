#pragma once

#include "format/mpegts/options.hpp"
#include "stream/stream_config.hpp"

namespace sluice::stream {

/// What a stream's configuration says about the program that it is in MPEG-TS, whatever carries that.
inline mpegts::MuxerOptions ts_program(const StreamConfig& config) {
  return {.pids = config.mpegts_pids, .title = config.title, .provider = config.provider};
}

}  // namespace sluice::stream
