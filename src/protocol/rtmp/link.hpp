#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "protocol/rtmp/chunk_reader.hpp"
#include "protocol/rtmp/commands.hpp"
#include "protocol/rtmp/message.hpp"

namespace sluice::rtmp {

/// What both roles do alike: messages in, with windows, acknowledgements and pings settled on the way; bytes out,
/// gathered until somebody takes them. No sockets, no clock.
class Link {
 public:
  explicit Link(const ChunkLimits& limits) : reader_(limits) {}

  void set_limits(const ChunkLimits& limits) { reader_.set_limits(limits); }

  /// The next message that is not settled here, as ChunkReader::next. Error: truncated, too.
  Result<std::optional<Message>> next(BytesView& in);

  /// Sends our chunk size. REQUIRED before other messages are sent, which are cut by that size.
  void open();
  /// Asks the peer to acknowledge each so many bytes, and to send no more before.
  void send_window(std::uint32_t bytes);
  void send(std::uint32_t stream, const Command& command);

  /// What is to be sent; appended to.
  Bytes& output() { return output_; }

 private:
  /// True where the message is of no interest to anybody else.
  Result<bool> settle(const Message& message);
  void acknowledge();

  ChunkReader reader_;
  Bytes output_;
  std::uint32_t window_ = 0;        ///< the peer wants an acknowledgement for each so many bytes; 0: it wants none
  std::uint32_t our_window_ = 0;    ///< what we told the peer last
  std::uint64_t received_ = 0;      ///< bytes
  std::uint64_t acknowledged_ = 0;  ///< bytes
};

}  // namespace sluice::rtmp
