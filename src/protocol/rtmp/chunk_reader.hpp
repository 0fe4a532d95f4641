#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "protocol/rtmp/message.hpp"

namespace sluice::rtmp {

/// What one peer may make us hold.
struct ChunkLimits {
  std::size_t message_bytes = kMaxMessageBytes;  ///< of one message
  std::size_t chunk_streams = 64;                ///< seen in the life of the connection
  std::size_t unfinished_bytes = 24 << 20;       ///< of all unfinished messages together
};

/// Takes an RTMP chunk stream, in pieces as they come, apart into messages: Adobe RTMP 1.0 section 5.3. Obeys Set Chunk
/// Size and Abort itself and does not pass them on. Memory grows with what has arrived, not with what was announced;
/// the body of a message is assembled once and handed over. An error is permanent.
class ChunkReader {
 public:
  explicit ChunkReader(const ChunkLimits& limits = {}) : limits_(limits) {}
  ChunkReader(ChunkReader&&) = default;
  ChunkReader& operator=(ChunkReader&&) = default;

  /// From here on. What is there already may be above the new limits until it is finished.
  void set_limits(const ChunkLimits& limits) { limits_ = limits; }

  /// The next message, out of the front of `in`, which is advanced over what was consumed; nothing when `in` is used up
  /// and more is needed. Errors: this room's, of the framing.
  Result<std::optional<Message>> next(BytesView& in);

  /// Bytes of messages that are not complete.
  [[nodiscard]] std::size_t unfinished_bytes() const { return unfinished_bytes_; }

 private:
  /// A chunk stream: the fields of its last header, which later headers leave out, and the message under way.
  struct ChunkStream {
    MessageType type{};
    std::uint32_t stream = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t delta = 0;                ///< of a message that begins with a type 3 header
    std::optional<std::uint32_t> extended;  ///< the last header's extended timestamp
    std::uint32_t length = 0;
    bool unfinished = false;
    Bytes body;
  };

  /// Bytes of the chunk header at the front of `head_`; nothing as long as more are needed to tell.
  [[nodiscard]] std::optional<std::size_t> header_bytes() const;
  Result<void> begin_chunk(std::size_t header_bytes);
  Result<void> begin_message(ChunkStream& to, unsigned format, ByteReader header);
  /// Moves what there is of the chunk's payload from `from` to the message.
  Result<void> take_payload(BytesView& from);
  Message finish(ChunkStream& from);
  /// Obeys a message to the chunk layer; false for all others.
  Result<bool> obey(const Message& message);

  ChunkLimits limits_;
  std::uint32_t chunk_bytes_ = 128;
  std::map<std::uint32_t, ChunkStream> streams_;
  std::size_t unfinished_bytes_ = 0;

  Bytes head_;                      ///< of the next chunk, until its header is whole
  ChunkStream* current_ = nullptr;  ///< whose chunk is being read, in `streams_`
  std::size_t chunk_left_ = 0;
};

}  // namespace sluice::rtmp
