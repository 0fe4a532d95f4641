#pragma once

#include <optional>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "format/mpegts/elementary_bytes.hpp"
#include "format/mpegts/options.hpp"
#include "format/mpegts/program.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::mpegts {

/// Makes an endless transport stream (ISO/IEC 13818-1) of one program, frame by frame in order of arrival.
///
/// Each frame becomes one PES packet. PAT, PMT and SDT stand before each random access frame and at least every 500 ms
/// of media time; the PCR stands on each frame of the track that leads, and in packets of its own where that track
/// stays behind the others. Frames of tracks that MPEG-TS does not carry, frames without payload and frames over 64 KB
/// that are not video are left out.
class Muxer {
 public:
  /// Nothing of `tracks` is kept.
  Muxer(const media::Tracks& tracks, MuxerOptions options);

  /// Appends PAT, PMT and SDT: whole packets.
  void tables(ByteWriter& out);

  /// Appends the packets of one frame, the tables before it where they are due. True where a viewer can begin with
  /// these bytes: the tables stand first, and the frame is a random access frame of the leading track (the first video,
  /// or the first audio).
  bool frame(ByteWriter& out, const media::Frame& frame);

  /// Goes on with other tracks or parameters: the PMT's version rises, the tables stand before the next frame, and each
  /// track's next packet says discontinuity_indicator. A track that keeps its id keeps its PID.
  void change(const media::Tracks& tracks);

 private:
  [[nodiscard]] bool tables_due(const Program::Elementary& track, const media::Frame& frame) const;

  MuxerOptions options_;
  unsigned version_ = 0;  // of the PMT
  Program program_;
  ElementaryBytes es_;              // of the frame at hand; kept for its capacity
  std::optional<Ticks> tables_at_;  // dts of the frame before which the tables stood last
};

}  // namespace sluice::mpegts
