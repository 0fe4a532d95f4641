#include "core/log_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace sluice::log {

bool LogOutput::add(std::string_view line) {
  if (waiting_.size() + line.size() > kMostWaiting) return false;
  waiting_ += line;
  return true;
}

std::string LogOutput::take() { return std::exchange(waiting_, {}); }

bool LogOutput::open(const std::string& path) {
  if (path.empty()) {
    close();
    return true;
  }
  // Not to wait for the reader of a named pipe.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
  if (fd < 0) return false;
  close();
  fd_ = fd;
  return true;
}

std::uint64_t LogOutput::write(std::string_view lines, int patience_ms) const {
  while (!lines.empty()) {
    // A pipe that is writable takes so much without blocking, pipe(7).
    const auto piece = lines.substr(0, PIPE_BUF);
    pollfd poll{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (::poll(&poll, 1, patience_ms) == 0) break;
    const auto n = ::write(fd_, piece.data(), piece.size());
    if (n < 0 && errno != EINTR && errno != EAGAIN) break;
    lines.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  }
  return static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
}

void LogOutput::close() {
  if (fd_ != STDERR_FILENO) ::close(fd_);
  fd_ = STDERR_FILENO;
}

}  // namespace sluice::log
