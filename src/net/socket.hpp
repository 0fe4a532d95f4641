#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/body.hpp"
#include "core/result.hpp"
#include "core/shard.hpp"
#include "core/task.hpp"
#include "net/errc.hpp"
#include "net/pace.hpp"
#include "net/transport.hpp"

namespace sluice::net {

/// A connection of one shard: a TCP socket (non-blocking, TCP_NODELAY), bare or with layers on it that whoever sends
/// and receives does not see, or a stream of an HTTP/2 connection, which behaves alike. Owns the descriptor. Destroying
/// it closes the connection; destroying a task that waits on it cancels the wait. One reader and one writer may wait at
/// a time.
class TcpSocket {
 public:
  /// Takes over a connected descriptor on the current shard. `peer` is the address in text.
  static Result<TcpSocket> adopt(int fd, std::string peer);

  /// A socket without a descriptor of its own: whoever made `transport` tells events() what it may do.
  static TcpSocket over(std::unique_ptr<Transport> transport, std::string peer);

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

  /// Reads what there is now, without waiting: 0 when there is nothing.
  Result<std::size_t> read_now(std::span<std::byte> into);

  /// Waits, without a buffer, until there may be something to read or the peer may have gone; read_some() tells which.
  Task<Result<void>> readable(SteadyTime deadline);

  /// Sends all of it. `deadline` is for the whole.
  Task<Result<void>> send(std::span<const BytesView> pieces, SteadyTime deadline);
  Task<Result<void>> send(BytesView bytes, SteadyTime deadline);

  /// Sends `head`, then the body's ranges as they lie. Errc::too_slow: the peer did not keep the pace.
  Task<Result<void>> send(BytesView head, const Body& body, Pace::Limits limits);

  /// Sends what the socket takes now, without waiting: the number of bytes, 0 when its buffer is full. `more_follows`
  /// as for Transport::send.
  Result<std::size_t> send_now(const Range& range, bool more_follows = false);
  Result<std::size_t> send_now(std::span<const Range> ranges, bool more_follows);
  /// Sends what the transport kept back; false when the socket's buffer is full.
  Result<bool> flush_now();

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
  /// Transport::tls_version().
  [[nodiscard]] std::string_view tls_version() const;
  [[nodiscard]] int fd() const;

  /// Puts a layer on what carries the bytes now: `make` is given it and returns what carries them from here on.
  void put_on(const std::function<std::unique_ptr<Transport>(std::unique_ptr<Transport>)>& make);
  /// Transport::establish, for whoever waits with readable() when it is false.
  Result<bool> establish_now();
  /// Who is told what happens on the descriptor, as epoll says it.
  IoObserver& events();

 private:
  class Io;
  explicit TcpSocket(std::unique_ptr<Io> io);

  template <class Receive>
  Task<Result<std::size_t>> receive(Receive receive_now, SteadyTime deadline);
  Task<Result<void>> flush(SteadyTime deadline);
  Task<Result<void>> wait_for_room(Pace& pace);

  std::unique_ptr<Io> io_;
};

/// A listening TCP socket of one shard.
class TcpListener {
 public:
  /// `address` is "0.0.0.0", "::" or another numeric address; port 0 lets the system choose. Accepts on `shard`, which
  /// need not run yet.
  static Result<TcpListener> listen(Shard& shard, const std::string& address, std::uint16_t port);

  /// The same in two steps, for an address that another listener of this process is to give up: where that one is
  /// shared, this one can be bound beside it, and begins to listen before that one is closed. Nobody reaches it before
  /// start(), and it is shared, too, until set_shared(false).
  static Result<TcpListener> bind_beside(Shard& shard, const std::string& address, std::uint16_t port);
  Result<void> start();
  /// Whether others of this user may be bound to the same port.
  void set_shared(bool shared);

  TcpListener(TcpListener&&) noexcept;
  TcpListener& operator=(TcpListener&&) noexcept;
  ~TcpListener();

  struct Accepted {
    int fd = -1;  ///< the caller's to close or to adopt, on any shard
    std::string peer;
  };
  /// The next connection. Fails only when the listener is beyond repair.
  Task<Result<Accepted>> accept();
  /// A connection that has come already, if there is one.
  std::optional<Accepted> accept_now();

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  class Io;
  TcpListener(std::unique_ptr<Io> io, std::uint16_t port);
  static Result<TcpListener> bind(Shard& shard, const std::string& address, std::uint16_t port, bool shared);

  std::unique_ptr<Io> io_;
  std::uint16_t port_;
};

/// Connects to a numeric address. For clients: pulls, pushes, the load program.
Task<Result<TcpSocket>> connect(const std::string& address, std::uint16_t port, SteadyTime deadline);

}  // namespace sluice::net
