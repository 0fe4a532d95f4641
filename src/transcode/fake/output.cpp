#include "transcode/fake/output.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ctime>

namespace sluice::transcode::fake {

using namespace std::chrono;

namespace {

// A terminal or /dev/null at standard input says nothing about who reads standard output.
bool tells_of_its_end(int fd) {
  struct stat status = {};
  return fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

bool has_ended(int fd) {
  std::array<std::byte, 256> ignored;
  const ssize_t n = read(fd, ignored.data(), ignored.size());
  return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

}  // namespace

Output::Output(int out, int lifeline) : out_(out), lifeline_(tells_of_its_end(lifeline) ? lifeline : -1) {}

Output::Ready Output::poll(short events, SteadyTime deadline) {
  while (true) {
    const auto left = std::max(nanoseconds(0), nanoseconds(deadline - steady_clock::now()));
    const auto whole = floor<seconds>(left);
    const timespec timeout{.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
    std::array<pollfd, 2> fds{
        {{.fd = out_, .events = events, .revents = 0}, {.fd = lifeline_, .events = POLLIN, .revents = 0}}};
    const int count = ppoll(fds.data(), fds.size(), &timeout, nullptr);
    if (count == 0) return Ready::no;
    if (count < 0 && errno != EINTR) return Ready::gone;
    if (count < 0) continue;
    if ((fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return Ready::gone;
    if (fds[1].revents != 0 && has_ended(lifeline_)) return Ready::gone;
    if (fds[0].revents != 0) return Ready::yes;
  }
}

bool Output::wait(SteadyTime deadline) { return poll(0, deadline) != Ready::gone; }

bool Output::write(BytesView bytes) {
  while (!bytes.empty()) {
    if (poll(POLLOUT, SteadyTime::max()) == Ready::gone) return false;
    // A pipe that polls as writable takes PIPE_BUF bytes without blocking.
    const ssize_t n = ::write(out_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (n < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace sluice::transcode::fake
