#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "format/mpegts/codecs.hpp"
#include "format/mpegts/options.hpp"
#include "format/mpegts/packet_writer.hpp"
#include "media/track.hpp"

namespace sluice::mpegts {

/// A track in the program.
struct Elementary {
  const CodecRow* row;
  std::unique_ptr<Encoder> encoder;
  PacketWriter packets;
  std::uint8_t stream_id;
  bool video;
  bool leading;  ///< the PCR goes with its frames
};

/// What tracks become in a transport stream: PIDs, tables, and the writers of their packets.
class Program {
 public:
  Program(const media::Tracks& tracks, const MuxerOptions& options, std::uint8_t version);

  /// Takes over the continuity counters of the program before, and says discontinuity_indicator in every PID.
  void succeed(const Program& before);

  /// The track of that index, null where MPEG-TS does not carry it.
  [[nodiscard]] Elementary* find(std::uint32_t track);

 private:
  std::vector<std::optional<Elementary>> tracks_;  // by index
};

}  // namespace sluice::mpegts
