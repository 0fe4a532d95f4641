#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "format/mpegts/codecs.hpp"
#include "format/mpegts/options.hpp"
#include "format/mpegts/packet_writer.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::mpegts {

/// What tracks become in a transport stream: PIDs, tables, the clock, and the writers of their packets.
class Program {
 public:
  /// A track that MPEG-TS carries.
  struct Elementary {
    const CodecRow* row;
    std::unique_ptr<Encoder> encoder;
    PacketWriter packets;
    std::uint8_t stream_id;
    bool leading;  ///< the clock goes by its frames
  };

  /// `version` is that of the PMT, modulo 32.
  Program(const media::Tracks& tracks, const MuxerOptions& options, unsigned version);

  /// Takes over the clock and the continuity counters of the program before, and says discontinuity_indicator in the
  /// next packet of each track.
  void succeed(const Program& before);

  /// The track of that index; null where MPEG-TS does not carry it.
  [[nodiscard]] Elementary* find(std::uint32_t track);

  /// Makes a frame's elementary stream of it, in place of what `out` held. False where it is left out: it has no
  /// payload, or more than the PES packets of its track can hold.
  static bool encode(const Elementary& track, const media::Frame& frame, ElementaryBytes& out);

  /// Appends PAT, PMT and, if there is anything to say, SDT.
  void tables(ByteWriter& out);
  /// Makes the next tables say discontinuity_indicator.
  void mark_tables();

  /// Says that the clock begins at `at` or later: when the leading track's first frame will come, where that is known.
  void expect_clock(Ticks at) { clock_at_ = at; }

  /// Appends a PES packet that begins with `frame`, and the clock where it is due; `es` is what the frame, or several,
  /// are in the elementary stream. `whole_turn` as in PacketWriter::pes.
  void pes(ByteWriter& out, Elementary& track, const media::Frame& frame, const ElementaryBytes& es,
           bool whole_turn = false);

 private:
  std::optional<Ticks> clock(ByteWriter& out, const Elementary& track, Ticks dts);

  std::vector<std::optional<Elementary>> tracks_;  // by index
  Bytes pat_, pmt_, sdt_;                          // sections; the SDT may be empty
  PacketWriter pat_packets_, pmt_packets_, sdt_packets_;
  std::optional<PacketWriter> clock_packets_;  // where the clock has a PID of its own
  Elementary* leading_ = nullptr;
  std::optional<Ticks> clock_at_;  // the last PCR
};

}  // namespace sluice::mpegts
