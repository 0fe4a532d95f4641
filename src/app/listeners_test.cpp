#include "app/listeners.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace sluice::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kHost = "127.0.0.1";

/// A port of this machine that nobody has, or had a moment ago.
std::uint16_t free_port(Shard& shard) { return net::TcpListener::listen(shard, kHost, 0)->port(); }

std::string http(std::uint16_t port) { return "http 127.0.0.1:" + std::to_string(port); }

ServerConfig config_with(std::vector<std::uint16_t> ports) {
  ServerConfig config;
  for (const auto port : ports) config.http.push_back({.address = kHost, .port = port, .origin = {{3, 1}}});
  return config;
}

/// A client who connects, and stays.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(fd_); }
  [[nodiscard]] bool connected() const { return connected_; }

 private:
  int fd_;
  bool connected_ = false;
};

class ListenersTest : public testing::Test {
 protected:
  ~ListenersTest() override {
    for (const int fd : accepted_) ::close(fd);
  }
  void run(std::function<Task<void>()> body) {
    shards_[0].post([&] {
      scope_.spawn([](std::function<Task<void>()>& b, Shards& s) -> Task<void> {
        co_await b();
        s.stop();
      }(body, shards_));
    });
    shards_.run();
    listeners_.close();
  }
  Listeners::Changes change(const ServerConfig& config) {
    const auto ready = listeners_.prepare(config, {});
    EXPECT_TRUE(ready) << ready.error().front().message;
    return listeners_.commit();
  }
  /// What the listener of the next connection says of itself.
  Task<std::string> next() {
    while (came_.empty()) co_await sleep_for(std::chrono::milliseconds(1));
    auto text = came_.front();
    came_.erase(came_.begin());
    co_return text;
  }

  Shards shards_{1};
  TaskScope scope_;
  std::vector<std::string> came_;
  std::vector<int> accepted_;
  Listeners listeners_{shards_[0], [this](const Listeners::Port& port, net::TcpListener::Accepted accepted) {
                         accepted_.push_back(accepted.fd);
                         came_.push_back(port.text() + (port.config.api ? "" : " without API"));
                       }};
};

TEST_F(ListenersTest, OnlyPortsThatDifferOpenOrClose) {
  run([&]() -> Task<void> {
    const auto a = free_port(shards_[0]);
    const auto b = free_port(shards_[0]);
    EXPECT_THAT(change(config_with({a})).opened, ElementsAre(http(a)));
    const Client first(a);
    EXPECT_EQ(co_await next(), http(a));
    auto config = config_with({a, b});
    config.http[0].api = false;
    const auto changes = change(config);
    EXPECT_THAT(changes.opened, ElementsAre(http(b)));
    EXPECT_THAT(changes.closed, IsEmpty());
    const Client second(a);
    EXPECT_EQ(co_await next(), http(a) + " without API") << "new options, new connections";
    EXPECT_THAT(change(config_with({b})).closed, ElementsAre(http(a)));
    EXPECT_FALSE(Client(a).connected());
    const Client third(b);
    EXPECT_TRUE(third.connected());
  });
}

TEST_F(ListenersTest, APortThatCannotBeOpenedChangesNothing) {
  run([&]() -> Task<void> {
    const auto a = free_port(shards_[0]);
    const auto b = free_port(shards_[0]);
    change(config_with({a}));
    const auto taken = net::TcpListener::listen(shards_[0], kHost, 0);
    const auto ready = listeners_.prepare(config_with({b, taken->port()}), {});
    EXPECT_FALSE(ready);
    EXPECT_THAT(ready.error().front().message, HasSubstr("cannot be opened: Address already in use"));
    EXPECT_EQ(ready.error().front().at.line, 3u);
    EXPECT_FALSE(Client(b).connected());
    const Client client(a);
    EXPECT_EQ(co_await next(), http(a));
  });
}

TEST_F(ListenersTest, APortMayHaveMoreAddressesOrFewerWithoutBeingClosed) {
  run([&]() -> Task<void> {
    const auto a = free_port(shards_[0]);
    const auto one = config_with({a});
    auto all = one;
    all.http[0].address.clear();
    change(one);
    for (const auto& [config, name] : {std::pair(all, "http " + std::to_string(a)), std::pair(one, http(a))}) {
      const Client early(a);  // in the queue of the one that goes
      EXPECT_TRUE(listeners_.prepare(config, TlsPorts()));
      const Client between(a);
      const auto changes = listeners_.commit();
      EXPECT_THAT(changes.opened, ElementsAre(name));
      EXPECT_EQ(changes.closed.size(), 1u);
      const Client late(a);
      for (const Client* client : {&early, &between, &late}) EXPECT_TRUE(client->connected());
      EXPECT_NE(co_await next(), name);
      EXPECT_NE(co_await next(), name);
      EXPECT_EQ(co_await next(), name);
    }
  });
}

TEST_F(ListenersTest, AnAddressThatCannotBeHadLeavesTheFormerOne) {
  run([&]() -> Task<void> {
    const auto taken = net::TcpListener::listen(shards_[0], "127.0.0.2", 0);
    const auto a = taken->port();
    auto config = config_with({a});
    change(config);
    config.http[0].address.clear();
    const auto ready = listeners_.prepare(config, TlsPorts());
    EXPECT_FALSE(ready);
    EXPECT_EQ(ready.error().front().message, "http " + std::to_string(a) + " cannot be opened: Address already in use");
    const Client client(a);
    EXPECT_EQ(co_await next(), http(a));
    EXPECT_FALSE(net::TcpListener::bind_beside(shards_[0], kHost, a)) << "and nobody shares it";
    // The same where something else fails.
    config = config_with({a});
    config.http[0].address = "127.0.0.3";
    EXPECT_TRUE(listeners_.prepare(config, TlsPorts()));
    listeners_.abandon();
    const Client again(a);
    EXPECT_EQ(co_await next(), http(a));
    EXPECT_FALSE(net::TcpListener::bind_beside(shards_[0], kHost, a));
  });
}

TEST_F(ListenersTest, WhatIsAbandonedIsClosedAgain) {
  run([&]() -> Task<void> {
    const auto a = free_port(shards_[0]);
    EXPECT_TRUE(listeners_.prepare(config_with({a}), {}));
    listeners_.abandon();
    EXPECT_FALSE(Client(a).connected());
    EXPECT_THAT(change(config_with({a})).opened, ElementsAre(http(a)));
    co_return;
  });
}

TEST_F(ListenersTest, APortMayChangeItsProtocolWithoutBeingClosed) {
  run([&]() -> Task<void> {
    const auto a = free_port(shards_[0]);
    auto config = config_with({a});
    change(config);
    std::swap(config.http, config.rtmp);
    const auto changes = change(config);
    EXPECT_THAT(changes.opened, IsEmpty());
    const Client client(a);
    EXPECT_EQ(co_await next(), "rtmp 127.0.0.1:" + std::to_string(a));
  });
}

}  // namespace
}  // namespace sluice::app
