#pragma once

#include <cstdint>

#include "core/payload.hpp"
#include "format/flv/message.hpp"

namespace sluice::rtmp {

/// Message types: Adobe RTMP 1.0 sections 5.4 and 7.1.
enum class MessageType : std::uint8_t {
  set_chunk_size = 1,
  abort = 2,
  acknowledgement = 3,
  user_control = 4,
  window_ack_size = 5,
  set_peer_bandwidth = 6,
  audio = 8,
  video = 9,
  data_amf3 = 15,
  command_amf3 = 17,
  data = 18,
  command = 20,
  aggregate = 22,
};

/// A message as it came out of the chunk stream, whole.
struct Message {
  MessageType type{};           ///< also values that have no name
  std::uint32_t stream = 0;     ///< message stream id
  std::uint32_t timestamp = 0;  ///< ms, absolute; wraps at 2^32
  Payload body;
};

/// What goes before the body of a message that we send.
struct MessageHeader {
  std::uint32_t chunk_stream = 0;  ///< 2 to 65599
  MessageType type{};
  std::uint32_t stream = 0;     ///< message stream id
  std::uint32_t timestamp = 0;  ///< ms, absolute
};

/// The length of a message has 24 bits.
inline constexpr std::size_t kMaxMessageBytes = 0xff'ffff;

/// The one message stream of a connection. Always the same number, so that media are the same bytes for every viewer.
inline constexpr std::uint32_t kMediaStream = 1;

/// Chunk streams that we send on.
inline constexpr std::uint32_t kControlChunks = 2;  ///< fixed by section 5.4
inline constexpr std::uint32_t kCommandChunks = 3;  ///< NetConnection commands and their answers
inline constexpr std::uint32_t kStatusChunks = 5;   ///< NetStream commands, status and data
inline constexpr std::uint32_t kAudioChunks = 4;
inline constexpr std::uint32_t kVideoChunks = 6;

/// The header of an audio, video or script message at `timestamp` ms.
constexpr MessageHeader media_header(flv::Message::Type type, std::uint32_t timestamp,
                                     std::uint32_t stream = kMediaStream) {
  const auto chunks = type == flv::Message::Type::audio   ? kAudioChunks
                      : type == flv::Message::Type::video ? kVideoChunks
                                                          : kStatusChunks;
  return {.chunk_stream = chunks, .type = static_cast<MessageType>(type), .stream = stream, .timestamp = timestamp};
}

}  // namespace sluice::rtmp
