#pragma once

#include "format/mpegts/elementary_bytes.hpp"
#include "media/frame.hpp"

namespace sluice::mpegts {

/// Turns the frames of one track into its elementary stream.
class Encoder {
 public:
  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  virtual ~Encoder() = default;

  /// Appends the frame; `out` borrows from the frame's payload and from the encoder. Appends nothing for a payload that
  /// the elementary stream has no form for.
  virtual void encode(const media::Frame& frame, ElementaryBytes& out) const = 0;
};

}  // namespace sluice::mpegts
