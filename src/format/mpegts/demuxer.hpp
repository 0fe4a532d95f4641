#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "core/bytes.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::mpegts {

/// What a reader has counted since it began.
struct DemuxerCounters {
  std::uint64_t packets = 0;            ///< transport packets in sync
  std::uint64_t continuity_errors = 0;  ///< jumps of a continuity_counter that nothing announced
  std::uint64_t duplicates = 0;         ///< packets sent twice, as the standard allows
  std::uint64_t resyncs = 0;            ///< how often the sync byte was lost
  std::uint64_t skipped_bytes = 0;      ///< passed over until it was found again
  std::uint64_t bad_sections = 0;       ///< PSI sections that were malformed or had a wrong CRC
  std::uint64_t bad_packets = 0;        ///< transport and PES packets that were malformed, damaged or scrambled
  std::uint64_t bad_frames = 0;         ///< pieces of an elementary stream that are no frame, or have no stamp
};

/// Reads a transport stream incrementally: the first program of its PAT, those of its tracks whose codecs have a row.
///
/// Never fails: what is damaged is passed over and counted, and the next frame says after_loss. Holds at most one
/// PES packet for each track and, until the tracks are known, the frames before.
class Demuxer {
 public:
  /// Tracks come before the first frame and again whenever tracks or parameters change; the `track` of a frame is an
  /// index into the last ones. Stamps are unwrapped, all tracks on one line, as the stream has them: a Muxer's
  /// kDecodeDelay is not taken off. Video payloads are as the store has them, without access unit delimiters and
  /// parameter sets; `duration` and `arrival` are left to the caller.
  using Event = std::variant<media::Tracks, media::Frame>;

  Demuxer();
  ~Demuxer();
  Demuxer(Demuxer&&) noexcept;
  Demuxer& operator=(Demuxer&&) noexcept;

  /// Takes in any number of bytes, cut anywhere. Call next() until it is empty before the next push: events wait
  /// without a limit of their own.
  void push(BytesView in);

  /// The stream has ended: a packet of unstated length that is still open is complete.
  void finish();

  /// The next event, in the order of the stream.
  std::optional<Event> next();

  [[nodiscard]] const DemuxerCounters& counters() const;

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace sluice::mpegts
