#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/bytes.hpp"
#include "format/mpegts/pes.hpp"

namespace sluice::mpegts {

/// A PES packet put together. Views the assembler's memory, for the call that hands it out.
struct PesPacket {
  PesHeader header;
  bool random_access_indicator = false;
  bool corrupt = false;  ///< packets of it are missing, or bytes at its end
  BytesView payload;
};

/// Puts the PES packets of one PID together from the payloads of its transport packets.
class PesAssembler {
 public:
  /// A PES packet that grows beyond this is dropped.
  static constexpr std::size_t kMaxSize = 8u << 20;

  /// Takes the payload of the next transport packet; calls found(PesPacket) for what is whole now.
  template <class Found>
  void push(BytesView payload, bool payload_unit_start_indicator, bool random_access_indicator, Found&& found) {
    if (payload_unit_start_indicator) {
      finish(found);
      open_ = true;
      corrupt_ = false;
      random_access_ = random_access_indicator;
    }
    if (!open_) return;
    append(payload);
    if (header_.size != 0 && header_.packet_length != 0 && buffer_.size() >= kPesPrefixSize + header_.packet_length) {
      finish(found);
    }
  }

  /// What is open is complete: nothing follows.
  template <class Found>
  void finish(Found&& found) {
    if (open_ && header_.size != 0) {
      const std::size_t size = header_.packet_length == 0 ? buffer_.size() : kPesPrefixSize + header_.packet_length;
      const auto whole = BytesView(buffer_).first(std::min(size, buffer_.size()));
      found(PesPacket{header_, random_access_, corrupt_ || buffer_.size() < size, whole.subspan(header_.size)});
    } else if (open_) {
      ++dropped_;
    }
    close();
  }

  /// Packets are missing: what is open is corrupt, or nothing where not even its header is known.
  void lost();

  /// PES packets that were malformed, scrambled or too large, and are passed over.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  void append(BytesView payload);
  void drop();
  void close();

  Bytes buffer_;  // the open packet, its header included
  PesHeader header_;
  bool open_ = false;
  bool corrupt_ = false;
  bool random_access_ = false;
  std::uint64_t dropped_ = 0;
};

}  // namespace sluice::mpegts
