#include "net/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "core/log.hpp"

namespace sluice::net {
namespace {

// Below this a copy from the mapping costs less than sendfile.
constexpr std::size_t kSendfileFrom = 32 * 1024;
constexpr std::size_t kMostPieces = 64;
// Bytes that the system keeps for a peer beside those on the wire; in small segments they cost it twice as much.
// Without this bound it takes megabytes for one who does not read, out of sight of every limit of ours, and a viewer
// who is moved on gets them all before the newest.
constexpr int kMostUnsent = 24 * 1024;

std::error_code last_error() {
  if (errno == EPIPE || errno == ECONNRESET) return Errc::closed;
  return {errno, std::generic_category()};
}

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

/// A descriptor that its shard watches. Lives on the heap because epoll holds its address.
class TcpSocket::Io final : public IoObserver {
 public:
  Io(int descriptor, std::string peer_address) : fd(descriptor), peer(std::move(peer_address)) {}
  ~Io() { ::close(fd); }  // leaves epoll with it

  void on_io(std::uint32_t events) override {
    if (events & (EPOLLRDHUP | EPOLLHUP)) in.ends();
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) in.signal();
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
      out.signal();
      if (writer != nullptr) writer->on_io(events);
    }
  }

  /// Fewer bytes to be read make no edge, but the end of the stream does.
  void wake_from(int bytes) {
    const int before = std::exchange(least_, bytes);
    if (before == bytes) return;
    ::setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
    if (bytes < before) in.signal();  // what is there already may have made no edge
  }

  const int fd;
  const std::string peer;
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
  auto io = std::make_unique<Io>(fd, std::move(peer));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMostUnsent, sizeof kMostUnsent);
  if (auto watched = Shard::current().watch(fd, *io); !watched) return std::unexpected(watched.error());
  return TcpSocket(std::move(io));
}

const std::string& TcpSocket::peer() const { return io_->peer; }
int TcpSocket::fd() const { return io_->fd; }
void TcpSocket::observe_writable(IoObserver* writer) { io_->writer = writer; }

void TcpSocket::shutdown() { ::shutdown(io_->fd, SHUT_RDWR); }

void TcpSocket::drop() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(io_->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  shutdown();
}

Task<Result<void>> TcpSocket::readable(SteadyTime deadline) {
  io_->wake_from(1);
  if (!co_await io_->in.wait(deadline)) co_return fail(Errc::deadline);
  co_return Result<void>();
}

Task<Result<std::size_t>> TcpSocket::read_some(std::span<std::byte> into, SteadyTime deadline) {
  return receive(into.data(), into.size(), 0, deadline);
}

Task<Result<std::size_t>> TcpSocket::discard_some(std::size_t most, SteadyTime deadline) {
  return receive(nullptr, most, MSG_TRUNC, deadline);
}

Task<Result<std::size_t>> TcpSocket::receive(std::byte* into, std::size_t most, int flags, SteadyTime deadline) {
  io_->wake_from(1);
  for (;;) {
    if (!co_await io_->in.wait(deadline)) co_return fail(Errc::deadline);
    const auto n = receive_now(into, most, flags);
    if (!n || *n > 0) co_return n;
  }
}

Task<Result<std::size_t>> TcpSocket::read_gathered(std::span<std::byte> into, std::size_t enough, SteadyTime until) {
  io_->wake_from(static_cast<int>(enough));
  co_await io_->in.wait(until);
  co_return receive_now(into.data(), into.size(), 0);
}

/// 0: there is nothing.
Result<std::size_t> TcpSocket::receive_now(std::byte* into, std::size_t most, int flags) {
  ssize_t n = 0;
  do {
    n = ::recv(io_->fd, into, most, MSG_DONTWAIT | flags);
  } while (n < 0 && errno == EINTR);
  if (n == 0) return fail(Errc::closed);
  if (n < 0 && errno != EAGAIN) return fail(last_error());
  // A short read emptied the socket: what comes next is a new edge, and no call is needed to learn that.
  if (n < 0 || static_cast<std::size_t>(n) < most) io_->in.exhausted();
  return static_cast<std::size_t>(std::max<ssize_t>(n, 0));
}

Task<Result<void>> TcpSocket::writable(SteadyTime deadline) {
  io_->out.exhausted();
  if (!co_await io_->out.wait(deadline)) co_return fail(Errc::deadline);
  co_return Result<void>();
}

Task<Result<void>> TcpSocket::send(BytesView bytes, SteadyTime deadline) {
  const std::array<BytesView, 1> one{bytes};
  co_return co_await send(std::span<const BytesView>(one), deadline);
}

Task<Result<void>> TcpSocket::send(std::span<const BytesView> pieces, SteadyTime deadline) {
  std::size_t skip = 0;  // bytes of pieces[0] that are sent
  while (!pieces.empty()) {
    std::array<iovec, kMostPieces> vector;
    std::size_t count = 0;
    for (; count < std::min(pieces.size(), kMostPieces); ++count) {
      const auto piece = count == 0 ? pieces[0].subspan(skip) : pieces[count];
      vector[count] = {.iov_base = const_cast<std::byte*>(piece.data()), .iov_len = piece.size()};
    }
    const msghdr message{.msg_iov = vector.data(), .msg_iovlen = count};
    const auto n = ::sendmsg(io_->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) co_return fail(last_error());
      if (auto ok = co_await writable(deadline); !ok) co_return ok;
      continue;
    }
    Shard::current().count_sent(static_cast<std::size_t>(n));
    skip += static_cast<std::size_t>(n);
    while (!pieces.empty() && skip >= pieces[0].size()) {
      skip -= pieces[0].size();
      pieces = pieces.subspan(1);
    }
  }
  co_return Result<void>();
}

Result<std::size_t> TcpSocket::send_now(const Range& range) { return send_some(range, false); }

Result<std::size_t> TcpSocket::send_some(const Range& range, bool more_follows) {
  const bool from_file = range.memory == nullptr || (range.fd >= 0 && range.length >= kSendfileFrom);
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0);
  ssize_t n = 0;
  do {
    auto offset = static_cast<off_t>(range.offset);
    n = from_file ? ::sendfile(io_->fd, range.fd, &offset, range.length)
                  : ::send(io_->fd, range.memory, range.length, flags);
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    if (errno == EAGAIN) return std::size_t{0};
    return fail(last_error());
  }
  // A file that became shorter would otherwise look like a full socket for ever.
  if (n == 0 && range.length > 0) return fail(std::make_error_code(std::errc::io_error));
  Shard::current().count_sent(static_cast<std::size_t>(n));
  return static_cast<std::size_t>(n);
}

namespace {

bool leaves_in_one_call(const Body& body) {
  return body.size() < kSendfileFrom && body.ranges.size() < kMostPieces &&
         std::ranges::all_of(body.ranges, [](const Range& r) { return r.memory != nullptr; });
}

/// Sends head and body as one message; how much of it the socket took.
Result<std::size_t> send_together(int fd, BytesView head, const Body& body) {
  std::array<iovec, kMostPieces> vector;
  std::size_t count = 0;
  const auto add = [&](BytesView piece) {
    vector[count++] = {.iov_base = const_cast<std::byte*>(piece.data()), .iov_len = piece.size()};
  };
  add(head);
  for (const Range& range : body.ranges) add(range.view());
  const msghdr message{.msg_iov = vector.data(), .msg_iovlen = count};
  const auto n = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n >= 0) {
    Shard::current().count_sent(static_cast<std::size_t>(n));
    return static_cast<std::size_t>(n);
  }
  if (errno == EAGAIN || errno == EINTR) return std::size_t{0};
  return fail(last_error());
}

}  // namespace

Task<Result<void>> TcpSocket::send(BytesView head, const Body& body, Pace::Limits limits) {
  std::size_t sent = 0;
  if (leaves_in_one_call(body)) {
    const auto n = send_together(io_->fd, head, body);
    if (!n) co_return std::unexpected(n.error());
    if (*n == head.size() + body.size()) co_return Result<void>();
    sent = *n;
  }
  Pace pace(body, limits, Shard::current().now());
  for (std::size_t i = 0; i <= body.ranges.size(); ++i) {
    Range range = i == 0 ? Range{.length = head.size(), .memory = head.data()} : body.ranges[i - 1];
    const auto before = std::min(sent, range.length);
    range.drop_front(before);
    sent -= before;
    while (range.length > 0) {
      const auto n = send_some(range, i < body.ranges.size());
      if (!n) co_return std::unexpected(n.error());
      if (*n > 0) {
        range.drop_front(*n);
        pace.on_taken(*n);
        continue;
      }
      // A look that passes is no reason to try: for a full socket, sendfile costs as much as for an empty one.
      for (bool waits = true; waits;) {
        if (auto ok = pace.may_wait(Shard::current().now()); !ok) co_return ok;
        waits = !co_await writable(pace.next_look(Shard::current().now()));
      }
    }
  }
  co_return Result<void>();
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
  auto at = parse_address(address, port);
  if (!at) return std::unexpected(at.error());
  const int fd = ::socket(at->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(last_error());
  auto io = std::make_unique<Io>(fd);
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at->storage.ss_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(fd, at->get(), at->length) != 0 || ::listen(fd, SOMAXCONN) != 0) return fail(last_error());
  at->length = sizeof at->storage;
  if (::getsockname(fd, at->get(), &at->length) != 0) return fail(last_error());
  const auto bound = ntohs(at->storage.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&at->storage)->sin_port
                                                            : reinterpret_cast<sockaddr_in6*>(&at->storage)->sin6_port);
  if (auto watched = shard.watch(fd, *io); !watched) return std::unexpected(watched.error());
  return TcpListener(std::move(io), bound);
}

Task<Result<TcpListener::Accepted>> TcpListener::accept() {
  for (;;) {
    SocketAddress from{.length = sizeof(sockaddr_storage)};
    const int fd = ::accept4(io_->fd, from.get(), &from.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) co_return Accepted{.fd = fd, .peer = address_text(from)};
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
        log::warning("cannot accept a connection", {{"error", last_error().message()}});
        co_await sleep_for(std::chrono::milliseconds(100));
        break;
      case EINTR:
      case ECONNABORTED:
      case EPROTO:
      case ENETDOWN:
      case EHOSTUNREACH:
      case ENETUNREACH: break;  // this one connection's fault
      default: co_return fail(last_error());
    }
  }
}

Task<Result<TcpSocket>> connect(const std::string& address, std::uint16_t port, SteadyTime deadline) {
  const auto to = parse_address(address, port);
  if (!to) co_return std::unexpected(to.error());
  const int fd = ::socket(to->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return fail(last_error());
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
