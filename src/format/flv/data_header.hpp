#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "format/flv/codecs.hpp"
#include "format/flv/message.hpp"

namespace sluice::flv {

/// What stands before the data in the body of an audio or video message: AudioTagHeader and VideoTagHeader, annex
/// E.4.2.1 and E.4.3.1.
struct DataHeader {
  const CodecRow* row = nullptr;
  bool sequence_header = false;
  bool key = false;              ///< video: the publisher calls it a keyframe
  std::int32_t composition = 0;  ///< video: pts - dts in ms
  std::size_t size = 0;          ///< bytes of all that
};

/// Nothing for messages that carry neither frames nor a sequence header: empty ones, commands, ends of sequence.
/// Errors: truncated, unknown_frame_type, and the code of a codec that is not carried.
Result<std::optional<DataHeader>> read_data_header(Message::Type type, BytesView body);

}  // namespace sluice::flv
