#include "core/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace sluice {
namespace {

std::optional<std::uint64_t> number_in_environment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return {};
  std::uint64_t value = 0;
  const char* end = text + std::strlen(text);
  const auto [read, error] = std::from_chars(text, end, value);
  if (error != std::errc() || read != end) return {};
  return value;
}

}  // namespace

void notify_service_manager(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr) return;
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::size_t length = std::strlen(path);
  if (length == 0 || length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';  // a name in the abstract space, unix(7)
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  ::sendto(fd, state.data(), state.size(), MSG_DONTWAIT | MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
  ::close(fd);
}

std::optional<std::chrono::microseconds> service_watchdog() {
  const auto microseconds = number_in_environment("WATCHDOG_USEC");
  const auto process = number_in_environment("WATCHDOG_PID");
  if (!microseconds || *microseconds == 0) return {};
  if (process && *process != static_cast<std::uint64_t>(::getpid())) return {};
  return std::chrono::microseconds(*microseconds);
}

}  // namespace sluice
