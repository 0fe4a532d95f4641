#include "protocol/fake/input.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "core/log.hpp"
#include "format/flv/file_reader.hpp"
#include "format/flv/frame_reader.hpp"
#include "net/socket.hpp"

extern char** environ;

namespace sluice::fake {
namespace {

constexpr auto kSilence = std::chrono::seconds(10);  // the program makes frames all the time

/// The program, as long as this lives.
class Program {
 public:
  /// Starts it with its standard output on one end of a socket pair; `socket` is the other.
  static Result<Program> start(const std::vector<std::string>& arguments) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return fail(error());
    std::error_code ignored;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "sluice-fake";
    std::vector<char*> argv{const_cast<char*>("sluice-fake")};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    pid_t pid = 0;
    const int rc = ::posix_spawn(&pid, path.c_str(), &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (rc != 0) {
      ::close(ends[0]);
      log::error("cannot start a program", {{"program", path.string()}, {"error", std::strerror(rc)}});
      return fail(std::error_code(rc, std::generic_category()));
    }
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    auto socket = net::TcpSocket::adopt(ends[0], "sluice-fake");
    if (!socket) return std::unexpected(socket.error());
    return Program(pid, std::move(*socket));
  }

  Program(Program&& other) noexcept : pid_(std::exchange(other.pid_, 0)), socket_(std::move(other.socket_)) {}
  Program& operator=(Program&&) = delete;
  ~Program() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  net::TcpSocket& socket() { return socket_; }

 private:
  Program(pid_t pid, net::TcpSocket socket) : pid_(pid), socket_(std::move(socket)) {}
  static std::error_code error() { return {errno, std::generic_category()}; }

  pid_t pid_;
  net::TcpSocket socket_;
};

Task<Result<void>> read_into(net::TcpSocket& socket, stream::Feed& feed) {
  flv::FileReader file;
  flv::FrameReader reader;
  bool started = false;
  std::optional<media::Tracks> tracks;
  std::vector<std::byte> buffer(64 * 1024);
  while (!feed.closed()) {
    const auto n = co_await socket.read_some(buffer, Shard::current().now() + kSilence);
    if (!n) co_return std::unexpected(n.error());
    BytesView in = BytesView(buffer).first(*n);
    for (;;) {
      auto message = file.next(in);
      if (!message) co_return std::unexpected(message.error());
      if (!*message) break;
      auto read = reader.read(**message, Shard::current().now());
      if (!read) co_return std::unexpected(read.error());
      if (read->tracks) tracks = std::move(read->tracks);
      if (tracks && (started || reader.complete())) {
        feed.set_tracks(*std::exchange(tracks, std::nullopt));
        started = true;
      }
      if (read->frame && started) feed.push(std::move(*read->frame));
    }
    feed.flush();
  }
  co_return Result<void>();
}

Task<void> pull(const stream::InputConfig& input, stream::Feed& feed) {
  std::vector<std::string> arguments;
  // Bit rates are in kbit/s in the config, in bit/s for the program.
  for (const auto& [name, value] : input.options) {
    arguments.push_back("--" + name + "=" + value + (name == "bitrate" ? "000" : ""));
  }
  auto program = Program::start(arguments);
  if (!program) co_return;
  if (auto ended = co_await read_into(program->socket(), feed); !ended) {
    log::warning("input broke off", {{"url", input.url}, {"error", ended.error().message()}});
  }
}

}  // namespace

const stream::InputDriver kInput{.scheme = "fake", .pull = pull};

}  // namespace sluice::fake
