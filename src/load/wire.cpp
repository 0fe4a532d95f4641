#include "load/wire.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "load/errc.hpp"

namespace sluice::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kConnect{10};
constexpr seconds kSend{10};
// What a slow reader's system takes in for it. With the usual megabytes it would look like any other for half a minute.
constexpr int kSlowBuffer = 32 * 1024;
constexpr double kSlowShare = 0.1;

SteadyTime now() { return Shard::current().now(); }

bool is_connected(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  return ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 && info.tcpi_state == TCP_ESTABLISHED;
}

}  // namespace

Task<Result<Wire>> Wire::connect(Viewer& viewer) {
  const Target& target = *viewer.options().target;
  viewer.on_connecting();
  auto socket = co_await net::connect(target.address, target.port, now() + kConnect);
  if (!socket) co_return fail(Errc::unreachable);
  if (viewer.options().behaviour != Behaviour::ordinary) {
    ::setsockopt(socket->fd(), SOL_SOCKET, SO_RCVBUF, &kSlowBuffer, sizeof kSlowBuffer);
  }
  co_return Wire(std::move(*socket), viewer);
}

Task<Result<std::size_t>> Wire::read(std::span<std::byte> into, SteadyTime deadline) {
  if (viewer_->options().behaviour != Behaviour::ordinary) {
    const auto most = co_await allowed(into.size());
    if (!most) co_return most;
    into = into.first(*most);
  }
  const auto n = co_await socket_.read_some(into, deadline);
  if (n) count(*n);
  co_return n;
}

Task<Result<std::size_t>> Wire::discard(std::size_t most, SteadyTime deadline) {
  if (viewer_->options().behaviour != Behaviour::ordinary) {
    const auto some = co_await allowed(most);
    if (!some) co_return some;
    most = *some;
  }
  const auto n = co_await socket_.discard_some(most, deadline);
  if (n) count(*n);
  co_return n;
}

void Wire::count(std::size_t n) {
  viewer_->on_bytes(n, now());
  if (paced_since_ != SteadyTime{}) allowance_ -= static_cast<double>(n);
}

Task<Result<void>> Wire::send(BytesView bytes) { return socket_.send(bytes, now() + kSend); }

Task<Result<std::size_t>> Wire::allowed(std::size_t most) {
  if (!viewer_->startup()) co_return most;
  if (viewer_->options().behaviour == Behaviour::stalled) {
    co_return std::unexpected((co_await stand_still()).error());
  }
  co_return co_await wait_for_allowance(most);
}

Task<Result<void>> Wire::stand_still() {
  while (is_connected(socket_.fd())) co_await sleep_for(milliseconds(500));
  co_return fail(net::Errc::closed);
}

Task<Result<std::size_t>> Wire::wait_for_allowance(std::size_t most) {
  const auto& options = viewer_->options();
  if (paced_since_ == SteadyTime{}) paced_since_ = now();
  for (;;) {
    const double rate = options.slow_rate > 0 ? options.slow_rate
                        : options.reference   ? options.reference->rate(now()) * kSlowShare
                                              : 0;
    allowance_ += rate * std::chrono::duration<double>(now() - paced_since_).count();
    paced_since_ = now();
    if (allowance_ >= 1) co_return std::min(most, static_cast<std::size_t>(allowance_));
    if (!is_connected(socket_.fd())) co_return fail(net::Errc::closed);
    co_await sleep_for(milliseconds(100));
  }
}

}  // namespace sluice::load
