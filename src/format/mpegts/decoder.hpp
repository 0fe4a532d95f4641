#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "media/frame.hpp"

namespace sluice::mpegts {

/// The payload of one PES packet, with its stamps unwrapped.
struct PesUnit {
  std::optional<Ticks> dts;
  std::optional<Ticks> pts;  ///< >= dts; both or neither
  bool random_access_indicator = false;
  bool corrupt = false;  ///< bytes of it are missing
  BytesView data;
};

/// A frame found in an elementary stream.
struct DecodedFrame {
  media::Frame frame;           ///< its track is not set
  std::optional<Bytes> config;  ///< the track's, where this frame's parameters are not those before it
};

/// Turns one elementary stream into frames.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  /// Appends the frames that `unit` completes. Returns how many pieces of it were no frame.
  virtual std::size_t decode(const PesUnit& unit, std::vector<DecodedFrame>& out) = 0;
};

}  // namespace sluice::mpegts
