#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "format/mpegts/options.hpp"
#include "media/track.hpp"

namespace sluice::mpegts {

/// Who has which PID in a program; no two are the same.
struct Pids {
  std::uint16_t pmt = 0;
  std::uint16_t sdt = 0;
  std::vector<std::uint16_t> tracks;  ///< by index in Tracks
  /// Where the PCR was asked to be: a track's PID, or one that nobody else has. Nothing: with the track that leads.
  std::optional<std::uint16_t> pcr;
};

/// As MuxerOptions::pids says. A track's PID depends on its id and the options, not on which other tracks there are,
/// as long as nobody wants the same.
Pids assign_pids(const media::Tracks& tracks, const MuxerOptions& options);

}  // namespace sluice::mpegts
