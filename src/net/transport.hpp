#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/arena.hpp"
#include "core/result.hpp"

namespace sluice::net {

/// What carries the bytes of a TcpSocket: the bare descriptor, TLS on it, WebSocket frames on either, or a stream of an
/// HTTP/2 connection. Owned by its socket, on the socket's shard. Never waits: that is the socket's part.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Goes on with what comes before the first byte (a handshake). True when that is done, false when there is something
  /// to be read first.
  virtual Result<bool> establish() { return true; }

  /// Takes what it can of the ranges, in order: the number of bytes, 0 when it takes nothing before the socket is next
  /// told that it is writable. With `more_follows` it may keep back what it takes; then flush() or another send()
  /// REQUIRES to be called before the shard runs anything else.
  virtual Result<std::size_t> send(std::span<const Range> ranges, bool more_follows) = 0;

  /// Sends on what was taken and is still here; true when nothing of it is left.
  virtual Result<bool> flush() { return true; }

  struct Received {
    std::size_t bytes = 0;
    bool drained = false;  ///< there is nothing more before the socket is next told that it is readable
  };
  /// What there is now, at most `into`. Errc::closed at the end of the stream.
  virtual Result<Received> receive(std::span<std::byte> into) = 0;

  /// The same for bytes that nobody looks at.
  virtual Result<Received> discard(std::size_t most) = 0;

  /// "TLSv1.3"; empty without TLS. Lives as long as the process.
  [[nodiscard]] virtual std::string_view tls_version() const { return {}; }

  /// No more can be sent or received; what was taken may still arrive.
  virtual void shutdown() = 0;
  /// The same, and what is on its way is thrown away.
  virtual void drop() = 0;
};

}  // namespace sluice::net
