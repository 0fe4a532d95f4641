#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/mpegts/packet.hpp"

namespace sluice::mpegts {

/// A section with section_syntax_indicator 1: the common form of PAT, PMT and SDT (ISO/IEC 13818-1 section 2.4.4.10).
struct Section {
  std::uint8_t table_id = 0;
  std::uint16_t table_id_extension = 0;
  std::uint8_t version = 0;  ///< 0 to 31
  bool current = true;       ///< current_next_indicator
  BytesView body;            ///< between last_section_number and CRC_32

  /// Reads one whole section. Errors: truncated, bad_section, bad_crc.
  [[nodiscard]] static Result<Section> parse(BytesView in);

  /// The bytes of the section, the only one of its table, with its CRC. REQUIRES: body.size() <= kMaxSectionBody.
  [[nodiscard]] Bytes write() const;
};

inline constexpr std::size_t kSectionHeaderSize = 8;
inline constexpr std::size_t kMaxSectionSize = 1024;  ///< of PAT, PMT and SDT
inline constexpr std::size_t kMaxSectionBody = kMaxSectionSize - kSectionHeaderSize - 4;

/// Puts the sections of one PID together from the payloads of its packets (ISO/IEC 13818-1 section 2.4.4).
class SectionAssembler {
 public:
  /// Takes the payload of the next packet; calls found(BytesView) for each section that is whole now. The view lives
  /// for the call.
  template <class Found>
  void push(BytesView payload, bool payload_unit_start_indicator, Found&& found) {
    if (payload_unit_start_indicator) {
      if (payload.empty()) return reset();
      const auto pointer_field = std::to_integer<std::size_t>(payload[0]);
      payload = payload.subspan(1);
      if (pointer_field > payload.size()) return reset();
      append(payload.first(pointer_field));
      take(found);
      reset();
      open_ = true;
      payload = payload.subspan(pointer_field);
    }
    append(payload);
    take(found);
  }

  /// Forgets what has begun: packets are missing.
  void reset() {
    buffer_.clear();
    open_ = false;
  }

 private:
  void append(BytesView bytes) {
    if (open_) buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }

  template <class Found>
  void take(Found& found) {
    constexpr std::byte kStuffing{0xff};
    std::size_t at = 0;
    while (buffer_.size() - at >= 3) {
      const auto rest = BytesView(buffer_).subspan(at);
      if (rest[0] == kStuffing) return reset();
      const std::size_t size =
          3 + ((std::to_integer<std::size_t>(rest[1]) & 0x0f) << 8 | std::to_integer<std::size_t>(rest[2]));
      if (rest.size() < size) break;
      found(rest.first(size));
      at += size;
    }
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  Bytes buffer_;  // less than one section of at most 4098 bytes, and one payload
  bool open_ = false;
};

}  // namespace sluice::mpegts
