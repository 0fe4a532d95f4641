#pragma once

#include <cstdint>

#include "core/payload.hpp"

namespace sluice::flv {

/// One FLV tag without its framing, which is also one audio, video or data message of RTMP.
struct Message {
  enum class Type : std::uint8_t { audio = 8, video = 9, script = 18 };

  Type type = Type::script;
  std::uint32_t timestamp = 0;  ///< ms; wraps at 2^32
  Payload body;                 ///< tag header of audio or video data included
};

}  // namespace sluice::flv
