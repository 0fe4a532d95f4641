#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/body.hpp"
#include "core/result.hpp"
#include "core/shard.hpp"
#include "core/task.hpp"
#include "net/errc.hpp"
#include "net/pace.hpp"

namespace sluice::net {

/// A connected TCP socket of one shard: non-blocking, TCP_NODELAY. Owns the descriptor. Destroying it closes the
/// connection; destroying a task that waits on it cancels the wait. One reader and one writer may wait at a time.
class TcpSocket {
 public:
  /// Takes over a connected descriptor on the current shard. `peer` is the address in text.
  static Result<TcpSocket> adopt(int fd, std::string peer);

  TcpSocket(TcpSocket&&) noexcept;
  TcpSocket& operator=(TcpSocket&&) noexcept;
  ~TcpSocket();

  /// Reads what there is, waiting for the first byte until `deadline`. Errc::closed at the end of the stream.
  Task<Result<std::size_t>> read_some(std::span<std::byte> into, SteadyTime deadline);

  /// Reads what there is once `enough` bytes have come, or at `until` if that is sooner: 0 where nothing has come by
  /// then. For who is in no hurry, because to be woken for each few bytes costs more than to take them in.
  Task<Result<std::size_t>> read_gathered(std::span<std::byte> into, std::size_t enough, SteadyTime until);

  /// Like read_some() for bytes that nobody looks at: at most `most` are thrown away without being copied.
  Task<Result<std::size_t>> discard_some(std::size_t most, SteadyTime deadline);

  /// Waits, without a buffer, until there may be something to read or the peer may have gone; read_some() tells which.
  Task<Result<void>> readable(SteadyTime deadline);

  /// Sends all of it. `deadline` is for the whole.
  Task<Result<void>> send(std::span<const BytesView> pieces, SteadyTime deadline);
  Task<Result<void>> send(BytesView bytes, SteadyTime deadline);

  /// Sends `head`, then the body's ranges: by sendfile from 32 KiB up, from the mapping below. Errc::too_slow: the peer
  /// did not keep the pace.
  Task<Result<void>> send(BytesView head, const Body& body, Pace::Limits limits);

  /// Sends what the socket takes now, without waiting: the number of bytes, 0 when its buffer is full.
  Result<std::size_t> send_now(const Range& range);

  /// Waits until a send that found the buffer full may go on, or a connection being made is made or refused.
  Task<Result<void>> writable(SteadyTime deadline);

  /// Tells `writer` when a full buffer has room again, for those who send with send_now(); null ends that.
  void observe_writable(IoObserver* writer);

  /// No more can be written or read; whoever waits is woken with Errc::closed.
  void shutdown();

  /// The same for a peer who takes nothing or too little: what is still on its way to him is thrown away, too, so that
  /// it keeps no memory of the system.
  void drop();

  [[nodiscard]] const std::string& peer() const;
  [[nodiscard]] int fd() const;

 private:
  class Io;
  explicit TcpSocket(std::unique_ptr<Io> io);

  Result<std::size_t> send_some(const Range& range, bool more_follows);
  Task<Result<std::size_t>> receive(std::byte* into, std::size_t most, int flags, SteadyTime deadline);
  Result<std::size_t> receive_now(std::byte* into, std::size_t most, int flags);

  std::unique_ptr<Io> io_;
};

/// A listening TCP socket of one shard.
class TcpListener {
 public:
  /// `address` is "0.0.0.0", "::" or another numeric address; port 0 lets the system choose. Accepts on `shard`, which
  /// need not run yet.
  static Result<TcpListener> listen(Shard& shard, const std::string& address, std::uint16_t port);

  TcpListener(TcpListener&&) noexcept;
  TcpListener& operator=(TcpListener&&) noexcept;
  ~TcpListener();

  struct Accepted {
    int fd = -1;  ///< the caller's to close or to adopt, on any shard
    std::string peer;
  };
  /// The next connection. Fails only when the listener is beyond repair.
  Task<Result<Accepted>> accept();

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  class Io;
  TcpListener(std::unique_ptr<Io> io, std::uint16_t port);

  std::unique_ptr<Io> io_;
  std::uint16_t port_;
};

/// Connects to a numeric address. For clients: pulls, pushes, the load program.
Task<Result<TcpSocket>> connect(const std::string& address, std::uint16_t port, SteadyTime deadline);

}  // namespace sluice::net
