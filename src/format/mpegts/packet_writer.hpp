#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "format/mpegts/elementary.hpp"

namespace sluice::mpegts {

/// What the adaptation field of the first packet of a PES packet says.
struct Marks {
  bool random_access = false;
  std::optional<Ticks> pcr;
};

/// The header of a PES packet; stamps are written modulo 2^33, the DTS only where it is not the PTS.
struct PesStart {
  std::uint8_t stream_id = 0;
  Ticks dts{};
  Ticks pts{};
};

/// Writes the packets of one PID, with their continuity_counter (ISO/IEC 13818-1 section 2.4.3.2).
class PacketWriter {
 public:
  explicit PacketWriter(std::uint16_t pid) : pid_(pid) {}

  /// Appends a PES packet. With `whole_turn` it takes so many packets that the next one has continuity_counter 0.
  /// REQUIRES: `es` is not empty; at most kMaxBoundedPes bytes unless stream_id is video.
  void pes(ByteWriter& out, const PesStart& start, const ElementaryBytes& es, const Marks& marks,
           bool whole_turn = false);

  /// Appends one PSI section with its CRC, as sections.hpp makes them.
  void section(ByteWriter& out, BytesView section);

  /// Appends a packet that has a PCR and no payload.
  void clock(ByteWriter& out, Ticks pcr);

  /// Makes the next packet say discontinuity_indicator.
  void discontinuity() { discontinuity_ = true; }

  [[nodiscard]] std::uint16_t pid() const noexcept { return pid_; }

 private:
  std::uint16_t pid_;
  std::uint8_t continuity_counter_ = 0;  // of the next packet with payload
  bool discontinuity_ = false;
};

}  // namespace sluice::mpegts
