#include "core/service_manager.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace sluice {
namespace {

/// Stands for systemd: a datagram socket that NOTIFY_SOCKET names.
class ServiceManager : public testing::Test {
 protected:
  ~ServiceManager() override {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
    if (fd_ >= 0) ::close(fd_);
  }

  /// `name` as it stands in NOTIFY_SOCKET: '@' for the abstract space.
  void listen(const std::string& name) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    name.copy(address.sun_path, name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    ASSERT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }

  std::string heard() {
    std::array<char, 64> buffer;
    const auto n = ::recv(fd_, buffer.data(), buffer.size(), 0);
    return n < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(n));
  }

 private:
  int fd_ = -1;
};

TEST_F(ServiceManager, HearsWhatItIsTold) {
  const std::string path = testing::TempDir() + "sluice-notify-" + std::to_string(::getpid());
  listen(path);
  notify_service_manager("READY=1");
  EXPECT_EQ(heard(), "READY=1");
  ::unlink(path.c_str());
}

TEST_F(ServiceManager, MayListenInTheAbstractSpace) {
  listen("@sluice-notify-" + std::to_string(::getpid()));
  notify_service_manager("STOPPING=1");
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(ServiceManager, NeedNotBeThere) {
  notify_service_manager("READY=1");
  ::setenv("NOTIFY_SOCKET", "/nowhere/notify", 1);
  notify_service_manager("READY=1");
}

TEST_F(ServiceManager, SaysHowOftenItWantsToHear) {
  EXPECT_FALSE(service_watchdog());
  ::setenv("WATCHDOG_USEC", "20000000", 1);
  EXPECT_EQ(service_watchdog(), std::chrono::seconds(20));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(service_watchdog(), std::chrono::seconds(20));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_FALSE(service_watchdog()) << "meant for another process";
  ::setenv("WATCHDOG_USEC", "often", 1);
  EXPECT_FALSE(service_watchdog());
}

}  // namespace
}  // namespace sluice
