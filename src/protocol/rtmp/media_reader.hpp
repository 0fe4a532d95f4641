#pragma once

#include <cstdint>
#include <optional>

#include "core/payload.hpp"
#include "core/result.hpp"
#include "format/flv/message.hpp"
#include "protocol/rtmp/message.hpp"

namespace sluice::rtmp {

/// Makes FLV messages of the messages that carry media: audio and video as they are, data without the "@setDataFrame"
/// that publishers put before it, aggregates (Adobe RTMP 1.0 section 7.1.6) taken apart. Bodies are shared, not copied.
class MediaReader {
 public:
  /// Takes the next message; those without media are passed over. REQUIRES: next() has returned nothing.
  void push(Message message);

  /// The next FLV message of what was pushed; nothing when another push is needed. Error: truncated.
  Result<std::optional<flv::Message>> next();

 private:
  std::optional<Message> pending_;
  std::size_t at_ = 0;       ///< in the aggregate `pending_`
  std::uint32_t shift_ = 0;  ///< from the stamps in the aggregate to those of the stream
};

}  // namespace sluice::rtmp
