#include "net/socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/shard.hpp"

namespace sluice::net {
namespace {

using std::chrono::seconds;

/// A socket on a shard, and the descriptor at its other end.
class TcpSocketTest : public testing::Test {
 protected:
  /// Runs `test` on a shard to its end.
  void run(Task<void> (*test)(TcpSocket, int)) {
    Shards shards(1);
    TaskScope scope;
    shards[0].post([&] { scope.spawn(guarded(test, shards)); });
    shards.run();
  }

 private:
  static Task<void> guarded(Task<void> (*test)(TcpSocket, int), Shards& shards) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    auto socket = TcpSocket::adopt(ends[0], "peer");
    EXPECT_TRUE(socket);
    co_await test(std::move(*socket), ends[1]);
    ::close(ends[1]);
    shards.stop();
  }
};

SteadyTime soon() { return Shard::current().now() + seconds(10); }

TEST_F(TcpSocketTest, SeesTheEndThatCameWithTheLastBytes) {
  run([](TcpSocket socket, int peer) -> Task<void> {
    EXPECT_EQ(::send(peer, "last", 4, 0), 4);
    ::shutdown(peer, SHUT_WR);
    co_await sleep_for(std::chrono::milliseconds(1));  // so that both come with one edge
    std::array<std::byte, 64> buffer;
    const auto n = co_await socket.read_some(buffer, soon());
    EXPECT_TRUE(n);
    EXPECT_EQ(as_text(BytesView(buffer).first(n.value_or(0))), "last");
    const auto end = co_await socket.read_some(buffer, soon());
    EXPECT_FALSE(end);
    EXPECT_EQ(end.error(), Errc::closed);
  });
}

TEST_F(TcpSocketTest, WaitsNoLongerThanItIsTold) {
  run([](TcpSocket socket, int) -> Task<void> {
    std::array<std::byte, 64> buffer;
    const auto n = co_await socket.read_some(buffer, Shard::current().now() + std::chrono::milliseconds(5));
    EXPECT_FALSE(n);
    EXPECT_EQ(n.error(), Errc::deadline);
  });
}

}  // namespace
}  // namespace sluice::net
