#include "net/descriptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

#include "core/shard.hpp"
#include "net/errc.hpp"

namespace sluice::net {
namespace {

// Below this a copy from the mapping costs less than sendfile.
constexpr std::size_t kSendfileFrom = 32 * 1024;
constexpr std::size_t kMostPieces = 64;

bool goes_by_sendfile(const Range& range) {
  return range.memory == nullptr || (range.fd >= 0 && range.length >= kSendfileFrom);
}

/// What a call that sends has done: a full socket is no error.
Result<std::size_t> sent(ssize_t n) {
  if (n < 0) {
    if (errno == EAGAIN) return std::size_t{0};
    return fail(last_socket_error());
  }
  Shard::current().count_sent(static_cast<std::size_t>(n));
  return static_cast<std::size_t>(n);
}

}  // namespace

std::error_code last_socket_error() {
  if (errno == EPIPE || errno == ECONNRESET) return Errc::closed;
  return {errno, std::generic_category()};
}

Result<std::size_t> Descriptor::send_file(const Range& range) {
  ssize_t n = 0;
  do {
    auto offset = static_cast<off_t>(range.offset);
    n = ::sendfile(fd_, range.fd, &offset, range.length);
  } while (n < 0 && errno == EINTR);
  // A file that became shorter would otherwise look like a full socket for ever.
  if (n == 0 && range.length > 0) return fail(std::make_error_code(std::errc::io_error));
  return sent(n);
}

Result<std::size_t> Descriptor::send(std::span<const Range> ranges, bool more_follows) {
  std::array<iovec, kMostPieces> vector;
  std::size_t count = 0;
  for (const Range& range : ranges) {
    if (count == kMostPieces || goes_by_sendfile(range)) break;
    vector[count++] = {.iov_base = const_cast<std::byte*>(range.memory), .iov_len = range.length};
  }
  if (count == 0) return ranges.empty() ? Result<std::size_t>(0) : send_file(ranges.front());
  const msghdr message{.msg_iov = vector.data(), .msg_iovlen = count};
  const bool more = more_follows || count < ranges.size();
  corked_ = more_follows;
  ssize_t n = 0;
  do {
    n = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));
  } while (n < 0 && errno == EINTR);
  return sent(n);
}

Result<bool> Descriptor::flush() {
  // Setting it once more sends what was kept back for more.
  const int on = 1;
  if (std::exchange(corked_, false)) ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return true;
}

Result<Transport::Received> Descriptor::receive(std::byte* into, std::size_t most, int flags) {
  ssize_t n = 0;
  do {
    n = ::recv(fd_, into, most, MSG_DONTWAIT | flags);
  } while (n < 0 && errno == EINTR);
  // A short read emptied the socket: what comes next is a new edge, and no call is needed to learn that.
  if (n > 0) return Received{.bytes = static_cast<std::size_t>(n), .drained = static_cast<std::size_t>(n) < most};
  if (n == 0) return fail(Errc::closed);
  if (errno != EAGAIN) return fail(last_socket_error());
  return Received{.drained = true};
}

Result<Transport::Received> Descriptor::receive(std::span<std::byte> into) {
  return receive(into.data(), into.size(), 0);
}
Result<Transport::Received> Descriptor::discard(std::size_t most) { return receive(nullptr, most, MSG_TRUNC); }

void Descriptor::shutdown() { ::shutdown(fd_, SHUT_RDWR); }

void Descriptor::drop() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  shutdown();
}

}  // namespace sluice::net
