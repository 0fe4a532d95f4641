#include "net/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "core/log.hpp"
#include "net/descriptor.hpp"

namespace sluice::net {
namespace {

constexpr std::size_t kMostPieces = 32;  // that are offered to a transport at once
// Bytes that the system keeps for a peer beside those on the wire; in small segments they cost it twice as much.
// Without this bound it takes megabytes for one who does not read, out of sight of every limit of ours, and a viewer
// who is moved on gets them all before the newest.
constexpr int kMostUnsent = 24 * 1024;

/// One direction of a descriptor: whether it is known to be exhausted, and who waits for it.
class Readiness {
 public:
  void signal() {
    ready_ = true;
    if (waiting_ != nullptr) Shard::current().wake(*std::exchange(waiting_, nullptr));
  }
  /// Nothing more will come after what is there: the end came with the last edge and makes none of its own.
  void ends() { ended_ = true; }
  void exhausted() { ready_ = ended_; }

  /// `co_await`: true when there may be something, false when the deadline came first.
  class Wait final : private Timer {
   public:
    Wait(Readiness& readiness, SteadyTime deadline) : readiness_(readiness), deadline_(deadline) {}
    ~Wait() {
      if (readiness_.waiting_ == &waiter_) readiness_.waiting_ = nullptr;
    }
    bool await_ready() const { return readiness_.ready_; }
    void await_suspend(std::coroutine_handle<> caller) {
      SLUICE_ASSERT(readiness_.waiting_ == nullptr, "two tasks wait for one direction of a socket");
      waiter_.coroutine = caller;
      readiness_.waiting_ = &waiter_;
      if (deadline_ != SteadyTime::max()) Shard::current().timers().arm(*this, deadline_);
    }
    bool await_resume() {
      cancel();
      return !timed_out_;
    }

   private:
    void on_timer() override {
      if (readiness_.waiting_ != &waiter_) return;  // it was told in this turn, and the edge comes once
      timed_out_ = true;
      readiness_.waiting_ = nullptr;
      Shard::current().wake(waiter_);
    }

    Readiness& readiness_;
    SteadyTime deadline_;
    bool timed_out_ = false;
    Waiter waiter_;
  };
  Wait wait(SteadyTime deadline) { return Wait(*this, deadline); }

 private:
  bool ready_ = true;
  bool ended_ = false;
  Waiter* waiting_ = nullptr;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Result<SocketAddress> parse_address(const std::string& address, std::uint16_t port) {
  SocketAddress out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    out.length = sizeof(sockaddr_in);
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    out.length = sizeof(sockaddr_in6);
  } else {
    return fail(Errc::bad_address);
  }
  return out;
}

std::string address_text(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.storage.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr, text.data(), text.size());
  } else {
    const auto& in6 = reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&in6)) {
      ::inet_ntop(AF_INET, &in6.s6_addr[12], text.data(), text.size());
    } else {
      ::inet_ntop(AF_INET6, &in6, text.data(), text.size());
    }
  }
  return text.data();
}

}  // namespace

/// What a socket shares with epoll. Lives on the heap because epoll holds its address.
class TcpSocket::Io final : public IoObserver {
 public:
  Io(int descriptor, std::unique_ptr<Transport> by, std::string peer_address)
      : fd(descriptor), peer(std::move(peer_address)), transport(std::move(by)) {}
  ~Io() {
    transport.reset();         // may have last words
    if (fd >= 0) ::close(fd);  // leaves epoll with it
  }

  void on_io(std::uint32_t events) override {
    if (events & (EPOLLRDHUP | EPOLLHUP)) in.ends();
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) in.signal();
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
      // What the transport holds goes first. A failure is for whoever sends next.
      if (!transport->flush().value_or(true)) return;
      out.signal();
      if (writer != nullptr) writer->on_io(events);
    }
  }

  /// Fewer bytes to be read make no edge, but the end of the stream does.
  void wake_from(int bytes) {
    const int before = std::exchange(least_, bytes);
    if (before == bytes || fd < 0) return;
    ::setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
    if (bytes < before) in.signal();  // what is there already may have made no edge
  }

  const int fd;
  const std::string peer;
  std::unique_ptr<Transport> transport;
  Readiness in;
  Readiness out;
  IoObserver* writer = nullptr;

 private:
  int least_ = 1;
};

TcpSocket::TcpSocket(std::unique_ptr<Io> io) : io_(std::move(io)) {}
TcpSocket::TcpSocket(TcpSocket&&) noexcept = default;
TcpSocket& TcpSocket::operator=(TcpSocket&&) noexcept = default;
TcpSocket::~TcpSocket() = default;

Result<TcpSocket> TcpSocket::adopt(int fd, std::string peer) {
  auto io = std::make_unique<Io>(fd, std::make_unique<Descriptor>(fd), std::move(peer));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMostUnsent, sizeof kMostUnsent);
  if (auto watched = Shard::current().watch(fd, *io); !watched) return std::unexpected(watched.error());
  return TcpSocket(std::move(io));
}

TcpSocket TcpSocket::over(std::unique_ptr<Transport> transport, std::string peer) {
  return TcpSocket(std::make_unique<Io>(-1, std::move(transport), std::move(peer)));
}

const std::string& TcpSocket::peer() const { return io_->peer; }
std::string_view TcpSocket::tls_version() const { return io_->transport->tls_version(); }
int TcpSocket::fd() const { return io_->fd; }
IoObserver& TcpSocket::events() { return *io_; }
void TcpSocket::observe_writable(IoObserver* writer) { io_->writer = writer; }
void TcpSocket::shutdown() { io_->transport->shutdown(); }
void TcpSocket::drop() { io_->transport->drop(); }

void TcpSocket::put_on(const std::function<std::unique_ptr<Transport>(std::unique_ptr<Transport>)>& make) {
  io_->transport = make(std::move(io_->transport));
}

Result<bool> TcpSocket::establish_now() {
  auto done = io_->transport->establish();
  if (done && !*done) io_->in.exhausted();
  return done;
}

// --- receiving ----------------------------------------------------------------------------------------------------

Task<Result<void>> TcpSocket::readable(SteadyTime deadline) {
  io_->wake_from(1);
  if (!co_await io_->in.wait(deadline)) co_return fail(Errc::deadline);
  co_return Result<void>();
}

Result<std::size_t> TcpSocket::read_now(std::span<std::byte> into) {
  const auto got = io_->transport->receive(into);
  if (!got) return std::unexpected(got.error());
  if (got->drained) io_->in.exhausted();
  return got->bytes;
}

template <class Receive>
Task<Result<std::size_t>> TcpSocket::receive(Receive receive_now, SteadyTime deadline) {
  io_->wake_from(1);
  for (;;) {
    const Result<Transport::Received> got = receive_now();
    if (!got) co_return std::unexpected(got.error());
    if (got->drained) io_->in.exhausted();
    if (got->bytes > 0) co_return got->bytes;
    if (!co_await io_->in.wait(deadline)) co_return fail(Errc::deadline);
  }
}

Task<Result<std::size_t>> TcpSocket::read_gathered(std::span<std::byte> into, std::size_t enough, SteadyTime until) {
  io_->wake_from(static_cast<int>(enough));
  co_await io_->in.wait(until);
  co_return read_now(into);
}

Task<Result<std::size_t>> TcpSocket::read_some(std::span<std::byte> into, SteadyTime deadline) {
  return receive([this, into] { return io_->transport->receive(into); }, deadline);
}

Task<Result<std::size_t>> TcpSocket::discard_some(std::size_t most, SteadyTime deadline) {
  return receive([this, most] { return io_->transport->discard(most); }, deadline);
}

// --- sending ------------------------------------------------------------------------------------------------------

namespace {

/// Ranges in order, as many as are offered to a transport at once.
class Offer {
 public:
  void add(Range range, std::size_t& skip) {
    const auto before = std::min(skip, range.length);
    skip -= before;
    range.drop_front(before);
    if (range.length > 0) ranges_[count_++] = range;
  }
  [[nodiscard]] bool full() const { return count_ == kMostPieces; }
  [[nodiscard]] std::span<const Range> ranges() const { return std::span(ranges_).first(count_); }

 private:
  std::array<Range, kMostPieces> ranges_;
  std::size_t count_ = 0;
};

Range range_of(BytesView bytes) { return {.length = bytes.size(), .memory = bytes.data()}; }

/// Offers what comes behind the first `sent` bytes of head and body.
Result<std::size_t> send_rest(Transport& transport, BytesView head, const Body& body, std::size_t sent) {
  Offer offer;
  offer.add(range_of(head), sent);
  auto range = body.ranges.begin();
  for (; range != body.ranges.end() && !offer.full(); ++range) offer.add(*range, sent);
  return transport.send(offer.ranges(), range != body.ranges.end());
}

Result<std::size_t> send_rest(Transport& transport, std::span<const BytesView> pieces, std::size_t sent) {
  Offer offer;
  auto piece = pieces.begin();
  for (; piece != pieces.end() && !offer.full(); ++piece) offer.add(range_of(*piece), sent);
  return transport.send(offer.ranges(), piece != pieces.end());
}

}  // namespace

Result<std::size_t> TcpSocket::send_now(const Range& range, bool more_follows) {
  return send_now({&range, 1}, more_follows);
}
Result<std::size_t> TcpSocket::send_now(std::span<const Range> ranges, bool more_follows) {
  return io_->transport->send(ranges, more_follows);
}

Result<bool> TcpSocket::flush_now() { return io_->transport->flush(); }

Task<Result<void>> TcpSocket::writable(SteadyTime deadline) {
  io_->out.exhausted();
  if (!co_await io_->out.wait(deadline)) co_return fail(Errc::deadline);
  co_return Result<void>();
}

Task<Result<void>> TcpSocket::flush(SteadyTime deadline) {
  for (;;) {
    const auto done = io_->transport->flush();
    if (!done) co_return std::unexpected(done.error());
    if (*done) co_return Result<void>();
    if (auto ok = co_await writable(deadline); !ok) co_return ok;
  }
}

Task<Result<void>> TcpSocket::send(BytesView bytes, SteadyTime deadline) {
  const std::array<BytesView, 1> one{bytes};
  co_return co_await send(std::span<const BytesView>(one), deadline);
}

Task<Result<void>> TcpSocket::send(std::span<const BytesView> pieces, SteadyTime deadline) {
  std::size_t size = 0;
  for (const BytesView& piece : pieces) size += piece.size();
  for (std::size_t sent = 0; sent < size;) {
    const auto n = send_rest(*io_->transport, pieces, sent);
    if (!n) co_return std::unexpected(n.error());
    sent += *n;
    if (*n > 0) continue;
    if (auto ok = co_await writable(deadline); !ok) co_return ok;
  }
  if (const auto done = flush_now(); done && *done) co_return Result<void>();
  co_return co_await flush(deadline);
}

/// Until a full socket has room. A look that passes is no reason to try: for a full socket, sendfile costs as much as
/// for an empty one.
Task<Result<void>> TcpSocket::wait_for_room(Pace& pace) {
  for (;;) {
    if (auto ok = pace.may_wait(Shard::current().now()); !ok) co_return ok;
    if (co_await writable(pace.next_look(Shard::current().now()))) co_return Result<void>();
  }
}

Task<Result<void>> TcpSocket::send(BytesView head, const Body& body, Pace::Limits limits) {
  const std::size_t size = head.size() + body.size();
  Pace pace(body, limits, Shard::current().now());
  for (std::size_t sent = 0; sent < size;) {
    const auto n = send_rest(*io_->transport, head, body, sent);
    if (!n) co_return std::unexpected(n.error());
    sent += *n;
    pace.on_taken(*n);
    if (*n > 0) continue;
    if (auto ok = co_await wait_for_room(pace); !ok) co_return ok;
  }
  for (;;) {
    const auto done = io_->transport->flush();
    if (!done) co_return std::unexpected(done.error());
    if (*done) co_return Result<void>();
    if (auto ok = co_await wait_for_room(pace); !ok) co_return ok;
  }
}

class TcpListener::Io final : public IoObserver {
 public:
  explicit Io(int descriptor) : fd(descriptor) {}
  ~Io() { ::close(fd); }
  void on_io(std::uint32_t) override { in.signal(); }

  const int fd;
  Readiness in;
};

TcpListener::TcpListener(std::unique_ptr<Io> io, std::uint16_t port) : io_(std::move(io)), port_(port) {}
TcpListener::TcpListener(TcpListener&&) noexcept = default;
TcpListener& TcpListener::operator=(TcpListener&&) noexcept = default;
TcpListener::~TcpListener() = default;

Result<TcpListener> TcpListener::listen(Shard& shard, const std::string& address, std::uint16_t port) {
  auto made = bind(shard, address, port, false);
  if (!made) return made;
  if (auto ok = made->start(); !ok) return std::unexpected(ok.error());
  return made;
}

Result<TcpListener> TcpListener::bind_beside(Shard& shard, const std::string& address, std::uint16_t port) {
  return bind(shard, address, port, true);
}

Result<TcpListener> TcpListener::bind(Shard& shard, const std::string& address, std::uint16_t port, bool shared) {
  auto at = parse_address(address, port);
  if (!at) return std::unexpected(at.error());
  const int fd = ::socket(at->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(last_socket_error());
  auto io = std::make_unique<Io>(fd);
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (at->storage.ss_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(fd, at->get(), at->length) != 0) return fail(last_socket_error());
  at->length = sizeof at->storage;
  if (::getsockname(fd, at->get(), &at->length) != 0) return fail(last_socket_error());
  const auto bound = ntohs(at->storage.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&at->storage)->sin_port
                                                            : reinterpret_cast<sockaddr_in6*>(&at->storage)->sin6_port);
  if (auto watched = shard.watch(fd, *io); !watched) return std::unexpected(watched.error());
  return TcpListener(std::move(io), bound);
}

Result<void> TcpListener::start() {
  return ::listen(io_->fd, SOMAXCONN) == 0 ? Result<void>() : fail(last_socket_error());
}

void TcpListener::set_shared(bool shared) {
  const int on = shared ? 1 : 0;
  ::setsockopt(io_->fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
}

std::optional<TcpListener::Accepted> TcpListener::accept_now() {
  SocketAddress from{.length = sizeof(sockaddr_storage)};
  const int fd = ::accept4(io_->fd, from.get(), &from.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return {};
  return Accepted{.fd = fd, .peer = address_text(from)};
}

Task<Result<TcpListener::Accepted>> TcpListener::accept() {
  for (;;) {
    if (auto accepted = accept_now()) co_return std::move(*accepted);
    switch (errno) {
      case EAGAIN:
        io_->in.exhausted();
        co_await io_->in.wait(SteadyTime::max());
        break;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        // The queue stays full, and no edge will come for what is in it: try again when something may have closed.
        log::warning("cannot accept a connection", {{"error", last_socket_error().message()}});
        co_await sleep_for(std::chrono::milliseconds(100));
        break;
      case EINTR:
      case ECONNABORTED:
      case EPROTO:
      case ENETDOWN:
      case EHOSTUNREACH:
      case ENETUNREACH: break;  // this one connection's fault
      default: co_return fail(last_socket_error());
    }
  }
}

Task<Result<TcpSocket>> connect(const std::string& address, std::uint16_t port, SteadyTime deadline) {
  const auto to = parse_address(address, port);
  if (!to) co_return std::unexpected(to.error());
  const int fd = ::socket(to->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return fail(last_socket_error());
  const int rc = ::connect(fd, to->get(), to->length);
  const int connect_errno = errno;
  auto socket = TcpSocket::adopt(fd, address);
  if (!socket) co_return std::unexpected(socket.error());
  if (rc != 0) {
    if (connect_errno != EINPROGRESS) co_return fail(std::error_code(connect_errno, std::generic_category()));
    int error = 0;
    for (;;) {
      socklen_t length = sizeof error;
      SocketAddress remote{.length = sizeof(sockaddr_storage)};
      if (::getpeername(fd, remote.get(), &remote.length) == 0) break;
      if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error != 0) {
        co_return fail(std::error_code(error, std::generic_category()));
      }
      if (auto ok = co_await socket->writable(deadline); !ok) co_return std::unexpected(ok.error());
    }
  }
  co_return std::move(*socket);
}

}  // namespace sluice::net
