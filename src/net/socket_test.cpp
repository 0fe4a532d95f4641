#include "net/socket.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/shard.hpp"

namespace sluice::net {
namespace {

using std::chrono::milliseconds;
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

constexpr std::size_t kMuch = 5'000'000;
constexpr Pace::Limits kImpatient{.window = std::chrono::milliseconds(40), .look = std::chrono::milliseconds(5)};

/// Two ends of a TCP connection: only there is a number of bytes waited for.
std::array<int, 2> tcp_ends() {
  std::array<int, 2> ends{};
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t length = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::bind(listener, any, length), 0);
  EXPECT_EQ(::listen(listener, 1), 0);
  EXPECT_EQ(::getsockname(listener, any, &length), 0);
  ends[1] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::connect(ends[1], any, length), 0);
  ends[0] = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  ::close(listener);
  return ends;
}

TEST_F(TcpSocketTest, LetsBytesGatherUntilThereAreEnoughOrItIsTime) {
  run([](TcpSocket, int) -> Task<void> {
    const auto ends = tcp_ends();
    auto socket = TcpSocket::adopt(ends[0], "peer");
    const auto send = [&](std::string_view text) {
      EXPECT_EQ(::send(ends[1], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    };
    std::array<std::byte, 64> buffer;
    const auto as_read = [&](Result<std::size_t> n) {
      return std::string(as_text(BytesView(buffer).first(n.value_or(0))));
    };

    EXPECT_EQ(co_await socket->read_gathered(buffer, 4, Shard::current().now() + milliseconds(2)), 0u);
    send("abc");
    const auto until = Shard::current().now() + milliseconds(20);
    EXPECT_EQ(as_read(co_await socket->read_gathered(buffer, 4, until)), "abc");
    EXPECT_GE(std::chrono::steady_clock::now(), until) << "they were too few";
    send("defgh");
    EXPECT_EQ(as_read(co_await socket->read_gathered(buffer, 4, soon())), "defgh") << "enough";
    EXPECT_LT(Shard::current().now(), until + seconds(5));

    TaskScope scope;
    scope.spawn([](int peer) -> Task<void> {
      co_await sleep_for(milliseconds(2));
      EXPECT_EQ(::send(peer, "i", 1, 0), 1);
    }(ends[1]));
    EXPECT_EQ(as_read(co_await socket->read_some(buffer, soon())), "i")
        << "who reads otherwise waits for no more than one";

    send("jk");
    ::close(ends[1]);
    EXPECT_EQ(as_read(co_await socket->read_gathered(buffer, 4, soon())), "jk") << "no more will come";
    EXPECT_EQ((co_await socket->read_gathered(buffer, 4, soon())).error(), Errc::closed);
    EXPECT_LT(Shard::current().now(), until + seconds(5));
  });
}

TEST_F(TcpSocketTest, GivesUpOnAPeerWhoTakesNothing) {
  run([](TcpSocket socket, int) -> Task<void> {
    const Body body = Body::of(Bytes(kMuch));
    const auto sent = co_await socket.send(as_bytes("head"), body, kImpatient);
    EXPECT_FALSE(sent);
    EXPECT_EQ(sent.error(), Errc::too_slow);
    socket.drop();
    EXPECT_EQ(socket.send_now(body.ranges[0]).error(), Errc::closed);
  });
}

TEST_F(TcpSocketTest, WaitsForAPeerWhoKeepsThePace) {
  run([](TcpSocket socket, int peer) -> Task<void> {
    // The kernel tells the sender of room some hundred KB at a time: that takes 40 ms, and the window leaves a busy
    // machine time.
    constexpr Pace::Limits kWindow{.window = seconds(1), .look = milliseconds(50)};
    constexpr std::size_t kLength = 8'000'000;
    TaskScope scope;
    bool over = false;
    scope.spawn([](int fd, const bool& stop) -> Task<void> {
      Bytes buffer(20'000);
      while (!stop) {
        EXPECT_NE(::recv(fd, buffer.data(), buffer.size(), 0), 0);
        co_await sleep_for(milliseconds(4));
      }
    }(peer, over));
    const auto began = Shard::current().now();
    const auto sent = co_await socket.send(as_bytes("head"), Body::of(Bytes(kLength)), kWindow);
    EXPECT_TRUE(sent) << sent.error().message();
    EXPECT_GT(Shard::current().now(), began + kWindow.window) << "he was waited for in more than one window";
    over = true;
  });
}

TEST_F(TcpSocketTest, SendsASmallBodyToItsEndAlsoWhenTheSocketIsFull) {
  run([](TcpSocket socket, int peer) -> Task<void> {
    const Bytes filler(1'000'000);
    std::size_t before = 0;
    while (const auto n = socket.send_now({.length = filler.size(), .memory = filler.data()}).value()) before += n;
    TaskScope scope;
    bool done = false;
    scope.spawn([](TcpSocket& to, bool& finished) -> Task<void> {
      Body body;
      const std::string text = "and the body, in two pieces";
      body.ranges = {{.length = 8, .memory = as_bytes(text).data()},
                     {.length = text.size() - 8, .memory = as_bytes(text).data() + 8}};
      EXPECT_TRUE(co_await to.send(as_bytes("head "), body, Pace::Limits()));
      finished = true;
    }(socket, done));
    std::string all;
    std::array<char, 4096> buffer{};
    while (!done || all.size() < before + 32) {
      const auto n = ::recv(peer, buffer.data(), buffer.size(), 0);
      if (n > 0) all.append(buffer.data(), static_cast<std::size_t>(n));
      co_await yield();
    }
    EXPECT_EQ(all.substr(before), "head and the body, in two pieces");
  });
}

}  // namespace
}  // namespace sluice::net
