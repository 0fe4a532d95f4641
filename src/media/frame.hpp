#pragma once

#include <cstdint>
#include <optional>

#include "core/payload.hpp"
#include "core/time.hpp"

namespace sluice::media {

/// The smallest piece of a track. Immutable once it is on the timeline.
struct Frame {
  std::uint32_t track = 0;  ///< index in the Tracks of its run
  Ticks dts{};              ///< decoding time
  Ticks pts{};              ///< presentation time, >= dts
  Ticks duration{};         ///< of presentation; 0 until the timeline knows it
  Payload payload;          ///< video: NAL units, each behind a 4-byte length; audio: one raw frame without ADTS header
  bool random_access = false;
  bool disposable = false;
  bool corrupt = false;
  bool after_loss = false;     ///< the source knows that something is missing before this frame
  SteadyTime arrival{};        ///< when its first byte was read
  std::optional<UtcTime> utc;  ///< the source's own wall clock for this frame, where it has one
};

}  // namespace sluice::media
