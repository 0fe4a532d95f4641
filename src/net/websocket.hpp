#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "net/transport.hpp"
#include "net/websocket_reader.hpp"

namespace sluice::net {

/// The value of Sec-WebSocket-Accept for the key that a client sent (RFC 6455 section 4.2.2).
std::string websocket_accept(std::string_view key);

/// The server's side of a WebSocket (RFC 6455) on another transport: what is sent goes out in binary messages whose
/// borders mean nothing, and of the client's messages the bytes are received.
class WebSocketTransport final : public Transport {
 public:
  explicit WebSocketTransport(std::unique_ptr<Transport> under) : under_(std::move(under)) {}

  Result<std::size_t> send(std::span<const Range> ranges, bool more_follows) override;
  Result<bool> flush() override;
  Result<Received> receive(std::span<std::byte> into) override;
  Result<Received> discard(std::size_t most) override;
  [[nodiscard]] std::string_view tls_version() const override { return under_->tls_version(); }
  void shutdown() override;
  void drop() override { under_->drop(); }

 private:
  Result<bool> send_control();
  void answer(std::uint8_t opcode, BytesView payload);
  Result<std::size_t> take(std::span<std::byte> in);

  // owned
  const std::unique_ptr<Transport> under_;
  // state
  WebSocketReader reader_;
  std::array<std::byte, 4> head_{};  // of the frame that is being sent
  std::size_t head_size_ = 0;
  std::size_t head_sent_ = 0;
  std::size_t frame_left_ = 0;  // of its payload: whatever comes next fills it
  Bytes control_;               // frames that go out before the next one
  std::size_t control_sent_ = 0;
  bool closed_ = false;  // the closing frame is sent or waits to be
};

}  // namespace sluice::net
