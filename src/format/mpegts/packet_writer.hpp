#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "format/mpegts/elementary_bytes.hpp"

namespace sluice::mpegts {

/// What the header of a PES packet says, and the adaptation field before it. Stamps are written modulo 2^33, the DTS
/// only where it is not the PTS.
struct PesStart {
  std::uint8_t stream_id = 0;
  Ticks dts{};
  Ticks pts{};
  bool random_access_indicator = false;
  std::optional<Ticks> pcr;
};

/// Writes the packets of one PID, with their continuity_counter (ISO/IEC 13818-1 section 2.4.3.2).
class PacketWriter {
 public:
  /// The most bytes of an elementary stream that a PES packet other than video takes.
  static constexpr std::size_t kMaxBounded = 65'000;

  explicit PacketWriter(std::uint16_t pid) : pid_(pid) {}

  /// Appends a PES packet. With `whole_turn` it takes so many packets that the next one has continuity_counter 0.
  /// REQUIRES: `es` is not empty, and holds at most kMaxBounded bytes unless stream_id is video.
  void pes(ByteWriter& out, const PesStart& start, const ElementaryBytes& es, bool whole_turn = false);

  /// Appends a PSI section.
  void section(ByteWriter& out, BytesView section);

  /// Appends a packet that has a PCR and no payload.
  void clock(ByteWriter& out, Ticks pcr);

  /// Makes the next packet say discontinuity_indicator.
  void mark_discontinuity() { discontinuity_ = true; }

  /// Goes on counting where `before` has stopped, if it has the same PID.
  void succeed(const PacketWriter& before) {
    if (before.pid_ == pid_) continuity_counter_ = before.continuity_counter_;
  }

  [[nodiscard]] std::uint16_t pid() const noexcept { return pid_; }

 private:
  struct Adaptation;
  class Source;
  void packets(ByteWriter& out, std::size_t count, Adaptation adaptation, Source& payload, std::size_t size);
  void packet(std::span<std::byte> to, bool start, Adaptation adaptation, Source& payload, std::size_t take);
  Adaptation next_adaptation();

  std::uint16_t pid_;
  std::uint8_t continuity_counter_ = 0;  // of the next packet with payload
  bool discontinuity_ = false;
};

}  // namespace sluice::mpegts
