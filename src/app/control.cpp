#include "app/control.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "core/log.hpp"

namespace sluice::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReload = "reload\n";
constexpr std::chrono::milliseconds kForARequest(1000);
constexpr std::chrono::milliseconds kBeforeNextAccept(100);  // when there was no descriptor for one
constexpr timeval kForAnAnswer{.tv_sec = 120, .tv_usec = 0};
constexpr std::size_t kMostNamed = 20;  // of one kind in a report

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

/// The address of a socket in the file system, by its directory: so its path may be as long as it likes.
class Address {
 public:
  explicit Address(const fs::path& socket)
      : directory_(
            ::open(socket.has_parent_path() ? socket.parent_path().c_str() : ".", O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    address_.sun_family = AF_UNIX;
    const auto path = fmt::format("/proc/self/fd/{}/{}", directory_.get(), socket.filename().string());
    fits_ = directory_ && path.size() < sizeof address_.sun_path;
    if (fits_) std::memcpy(address_.sun_path, path.c_str(), path.size() + 1);
    if (directory_ && !fits_) errno = ENAMETOOLONG;
  }
  /// errno says why not.
  bool bind(int fd) const { return fits_ && ::bind(fd, pointer(), sizeof address_) == 0; }
  bool connect(int fd) const { return fits_ && ::connect(fd, pointer(), sizeof address_) == 0; }

 private:
  [[nodiscard]] const sockaddr* pointer() const { return reinterpret_cast<const sockaddr*>(&address_); }

  FileDescriptor directory_;
  sockaddr_un address_{};
  bool fits_ = false;
};

FileDescriptor new_socket() { return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

/// Binds `fd` there; a socket that a server left behind when it was killed is taken over.
std::expected<void, int> bind(int fd, const fs::path& socket) {
  const Address address(socket);
  if (address.bind(fd)) return {};
  if (errno != EADDRINUSE) return std::unexpected(errno);
  if (address.connect(new_socket().get())) return std::unexpected(EADDRINUSE);
  if (errno != ECONNREFUSED) return std::unexpected(errno);
  // A file that is no socket refuses as well.
  struct stat found{};
  if (::lstat(socket.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return std::unexpected(ENOTSOCK);
  ::unlink(socket.c_str());
  if (address.bind(fd)) return {};
  return std::unexpected(errno);
}

std::string lines(std::string_view what, const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kMostNamed; ++i) out += fmt::format("{} {}\n", what, names[i]);
  if (names.size() > kMostNamed) out += fmt::format("{} {} more\n", what, names.size() - kMostNamed);
  return out;
}

std::string answer_to(const ConfigOutcome& outcome) {
  if (outcome) return "ok\n" + to_text(*outcome);
  std::string out = "failed\n";
  for (const auto& error : outcome.error()) out += to_string(error) + "\n";
  return out;
}

}  // namespace

std::string to_text(const ReloadReport& report) {
  std::string out;
  for (const auto& warning : report.warnings) out += to_string(warning) + "\n";
  const auto before = out.size();
  out += lines("opened", report.opened) + lines("closed", report.closed);
  out += lines("added stream", report.added) + lines("removed stream", report.removed);
  out += lines("changed stream", report.changed) + lines("began anew: stream", report.restarted);
  out += lines("changed template", report.templates);
  if (out.size() == before) out += "no stream and no port is another\n";
  return out;
}

void Control::block_signals() {
  const sigset_t set = signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::expected<std::unique_ptr<Control>, std::string> Control::start(const fs::path& socket, Actions actions) {
  FileDescriptor listener = new_socket();
  // Its mode before anybody can connect: what is bound but does not listen refuses.
  const auto bound = bind(listener.get(), socket);
  if (!bound && bound.error() == EADDRINUSE) {
    return std::unexpected(fmt::format("{}: another server runs with this config", socket.string()));
  }
  const bool ready = bound && ::chmod(socket.c_str(), 0600) == 0 && ::listen(listener.get(), 8) == 0;
  if (!ready) {
    const std::string why = std::strerror(bound ? errno : bound.error());
    log::warning("no control socket: reload by SIGHUP", {{"socket", socket.string()}, {"error", why}});
  }
  return std::unique_ptr<Control>(
      new Control(socket, ready ? std::move(listener) : FileDescriptor(), std::move(actions)));
}

Control::Control(fs::path socket, FileDescriptor listener, Actions actions)
    : socket_(std::move(socket)),
      actions_(std::move(actions)),
      listener_(std::move(listener)),
      signals_([set = signals()] { return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK); }()),
      stopping_(::eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this] { work(); });
}

Control::~Control() {
  ::eventfd_write(stopping_.get(), 1);
  thread_.join();
  if (listener_) ::unlink(socket_.c_str());
}

void Control::work() {
  using std::chrono::milliseconds;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(busy_until_ - SteadyTime::clock::now());
    const bool busy = left > milliseconds(0);
    if (!busy) client_ = FileDescriptor();
    // Of -1 poll() takes no notice.
    std::array<pollfd, 4> watched{{{.fd = stopping_.get(), .events = POLLIN, .revents = 0},
                                   {.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                   {.fd = busy ? -1 : listener_.get(), .events = POLLIN, .revents = 0},
                                   {.fd = client_.get(), .events = POLLIN, .revents = 0}}};
    const int n = ::poll(watched.data(), watched.size(), busy ? static_cast<int>(left.count()) : -1);
    if (n < 0 && errno != EINTR) return;
    if (n <= 0) continue;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0) take_signal();
    if (watched[2].revents != 0) take_client();
    if (watched[3].revents != 0) take_request();
  }
}

void Control::take_signal() {
  signalfd_siginfo info{};
  if (::read(signals_.get(), &info, sizeof info) != sizeof info) return;
  if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM) return actions_.stop();
  log::reopen();
  if (info.ssi_signo == SIGHUP) actions_.reload([](const ConfigOutcome&) {});
}

void Control::take_client() {
  client_ = FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  request_.clear();
  busy_until_ = SteadyTime::clock::now() + (client_ ? kForARequest : kBeforeNextAccept);
  if (!client_) {
    // It stays in the queue: without a pause this would be tried again and again at once.
    log::warning("cannot accept who asks for a reload", {{"error", std::strerror(errno)}});
  }
}

void Control::take_request() {
  std::array<char, kReload.size()> buffer{};
  const auto size = ::recv(client_.get(), buffer.data(), kReload.size() - request_.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  request_.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  if (size > 0 && request_ != kReload && kReload.starts_with(request_)) return;
  busy_until_ = {};
  FileDescriptor client = std::move(client_);
  if (request_ != kReload) return;
  actions_.reload([c = std::move(client)](const ConfigOutcome& outcome) {
    // Small enough for the socket's buffer: nobody waits for who does not read.
    const std::string answer = answer_to(outcome);
    (void)::send(c.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  });
}

ControlAnswer ask_to_reload(const fs::path& socket) {
  const FileDescriptor server = new_socket();
  if (!Address(socket).connect(server.get())) {
    return {.ok = false, .text = fmt::format("no server answers at {}: {}\n", socket.string(), std::strerror(errno))};
  }
  ::setsockopt(server.get(), SOL_SOCKET, SO_RCVTIMEO, &kForAnAnswer, sizeof kForAnAnswer);
  std::string answer;
  if (::send(server.get(), kReload.data(), kReload.size(), MSG_NOSIGNAL) > 0) {
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto n = ::recv(server.get(), buffer.data(), buffer.size(), 0);
      if (n <= 0) break;
      answer.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }
  const auto line = answer.find('\n');
  if (line == std::string::npos) return {.ok = false, .text = "the server did not answer\n"};
  return {.ok = answer.substr(0, line) == "ok", .text = answer.substr(line + 1)};
}

}  // namespace sluice::app
