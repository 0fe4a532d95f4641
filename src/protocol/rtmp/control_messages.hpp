#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "protocol/rtmp/message.hpp"

/// Protocol control messages (Adobe RTMP 1.0 section 5.4) and user control messages (section 7.1.7). All go on chunk
/// stream 2 and message stream 0; their stamps mean nothing.
namespace sluice::rtmp {

void write_set_chunk_size(ByteWriter& out, std::uint32_t bytes);
/// `received`: bytes read so far, modulo 2^32.
void write_acknowledgement(ByteWriter& out, std::uint32_t received);
void write_window_ack_size(ByteWriter& out, std::uint32_t bytes);
/// With the limit type "dynamic".
void write_set_peer_bandwidth(ByteWriter& out, std::uint32_t bytes);

struct UserControl {
  enum class Event : std::uint16_t {
    stream_begin = 0,       ///< value: message stream id
    stream_eof = 1,         ///< value: message stream id
    set_buffer_length = 3,  ///< value: message stream id, then the length in ms
    ping_request = 6,       ///< value: the server's time in ms
    ping_response = 7,      ///< value: that of the request
  };
  Event event{};
  std::uint32_t value = 0;
  std::uint32_t buffer_ms = 0;  ///< of set_buffer_length alone
};
void write_user_control(ByteWriter& out, const UserControl& control);

/// Reads the body of a user control message. Events without a name keep their number; a body too short for its value
/// has the value 0. Error: truncated.
Result<UserControl> read_user_control(BytesView body);

/// Reads the number in an acknowledgement, a window acknowledgement size or a peer bandwidth. Error: truncated.
Result<std::uint32_t> read_control_value(BytesView body);

}  // namespace sluice::rtmp
