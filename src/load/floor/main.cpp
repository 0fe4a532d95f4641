// The least that fan-out can cost: a loop that sends so many bytes each so many milliseconds to everybody who connects,
// and does nothing else. Benchmarks compare servers with it. It knows no protocol; what clients send is not read.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  std::size_t send_bytes = 10'800;
  double interval_ms = 40;
  double seconds = 600;
  bool sendfile = false;
};

/// The bytes to send: a memfd, and its mapping.
struct Source {
  int fd = -1;
  const void* memory = nullptr;
};

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

Source make_source(std::size_t bytes) {
  Source source{.fd = ::memfd_create("floor", MFD_CLOEXEC)};
  if (source.fd < 0 || ::ftruncate(source.fd, static_cast<off_t>(bytes)) != 0) give_up("memfd");
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, source.fd, 0);
  if (memory == MAP_FAILED) give_up("mmap");
  source.memory = memory;
  return source;
}

int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address{
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, SOMAXCONN) != 0) {
    give_up("listen");
  }
  return fd;
}

/// Sends to one; false when it has gone. A full socket passes the rest of the turn over, as a slow viewer would lose
/// it.
bool send_to(int socket, const Options& options, const Source& source, std::size_t& short_sends) {
  off_t offset = 0;
  const auto n = options.sendfile ? ::sendfile(socket, source.fd, &offset, options.send_bytes)
                                  : ::send(socket, source.memory, options.send_bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) return false;
  if (n < static_cast<ssize_t>(options.send_bytes)) ++short_sends;
  return true;
}

void serve(const Options& options) {
  const Source source = make_source(options.send_bytes);
  const int listener = listen_on(options.port);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener}};
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);

  std::vector<int> clients;
  std::size_t short_sends = 0;
  const auto interval =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(options.interval_ms));
  const auto end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  for (auto next = Clock::now() + interval; next < end;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
    if (left > 0) {
      if (::epoll_wait(epoll, &event, 1, static_cast<int>(left)) <= 0) continue;
      for (int fd; (fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        clients.push_back(fd);
      }
      continue;
    }
    std::erase_if(clients, [&](int fd) {
      const bool gone = !send_to(fd, options, source, short_sends);
      if (gone) ::close(fd);
      return gone;
    });
    next += interval;
  }
  if (short_sends > 0) std::fprintf(stderr, "sluice-floor: %zu sends were cut short\n", short_sends);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Sends so many bytes each so many milliseconds to everybody who connects to a port of loopback.");
  Options options;
  app.option_defaults()->always_capture_default();
  app.add_option("--port", options.port, "TCP port on 127.0.0.1")->required();
  app.add_option("--send-bytes", options.send_bytes, "Bytes of one send")->check(CLI::Range(1, 16 << 20));
  app.add_option("--interval-ms", options.interval_ms, "From one send to the next")->check(CLI::Range(1.0, 60'000.0));
  app.add_option("--seconds", options.seconds, "Ends after so long")->check(CLI::Range(1.0, 86'400.0));
  app.add_flag("--sendfile", options.sendfile, "By sendfile instead of send");
  CLI11_PARSE(app, argc, argv);

  std::signal(SIGPIPE, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  serve(options);
  return 0;
}
