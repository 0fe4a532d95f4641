#include "core/watchdog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "core/log.hpp"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

/// A shard that runs, with a watchdog of 40 ms.
class WatchdogTest : public testing::Test {
 protected:
  WatchdogTest() : runner_([this] { shards_.run(); }) {
    if (const auto before = log::recent(); !before.empty()) seen_ = before.back().id;
  }
  ~WatchdogTest() override {
    shards_.stop();
    runner_.join();
  }

  /// Has shard 0 do one thing until `done`.
  void hang_until(const std::atomic<bool>& done) {
    shards_[0].post([&done] {
      while (!done.load()) std::this_thread::sleep_for(milliseconds(1));
    });
  }

  /// The next line of the log with `message`, once it is there.
  log::RecentLine logged_until(std::string_view message) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      for (auto& line : log::recent()) {
        if (line.id <= seen_ || line.message != message) continue;
        seen_ = line.id;
        return line;
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
    ADD_FAILURE() << "nobody says: " << message;
    return {};
  }

  Shards shards_{2};
  std::thread runner_;

 private:
  std::uint64_t seen_ = 0;
};

TEST_F(WatchdogTest, SaysWhichShardHangsAndWhereAndThatItGoesOn) {
  const Watchdog watchdog(shards_, milliseconds(40), {});
  std::atomic<bool> done = false;
  hang_until(done);
  const auto hangs = logged_until("a shard hangs");
  EXPECT_EQ(hangs.level, log::Level::error);
  EXPECT_THAT(hangs.details, AllOf(HasSubstr("shard=0 for_ms="), HasSubstr("core_test+0x")));
  done = true;
  const auto goes_on = logged_until("a shard goes on");
  EXPECT_EQ(goes_on.level, log::Level::warning);
  EXPECT_THAT(goes_on.details, MatchesRegex(" ?shard=0 after_ms=[0-9]+"));
}

TEST_F(WatchdogTest, TellsTheServiceManagerWhileNoneHangs) {
  const std::string name = "@sluice-watchdog-" + std::to_string(::getpid());
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  name.copy(address.sun_path, name.size());
  address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 30, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
            0);
  ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  std::array<char, 64> buffer;
  const auto hear = [&](int flags) {
    const auto n = ::recv(fd, buffer.data(), buffer.size(), flags);
    return std::string(buffer.data(), n < 0 ? 0 : static_cast<std::size_t>(n));
  };
  {
    const Watchdog watchdog(shards_, milliseconds(40), milliseconds(20));
    EXPECT_EQ(hear(0), "WATCHDOG=1");
    EXPECT_EQ(hear(0), "WATCHDOG=1");

    std::atomic<bool> done = false;
    hang_until(done);
    logged_until("a shard hangs");
    while (!hear(MSG_DONTWAIT).empty()) {
    }
    // Four looks and more.
    std::this_thread::sleep_for(milliseconds(60));
    EXPECT_EQ(hear(MSG_DONTWAIT), "") << "a shard hangs";
    done = true;
    EXPECT_EQ(hear(0), "WATCHDOG=1");
  }
  ::unsetenv("NOTIFY_SOCKET");
  ::close(fd);
}

}  // namespace
}  // namespace sluice
