#include "load/clip_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <vector>

namespace sluice::load {
namespace {

constexpr std::size_t kMostBytes = std::size_t{512} << 20;
constexpr double kSeconds = 10;

std::error_code last_error() { return {errno, std::generic_category()}; }

/// All that comes out of a descriptor, which is closed.
Result<Bytes> read_all(int fd) {
  Bytes out;
  for (;;) {
    constexpr std::size_t kPiece = 1 << 16;
    const std::size_t have = out.size();
    out.resize(have + kPiece);
    const auto n = ::read(fd, out.data() + have, kPiece);
    if (n < 0 && errno == EINTR) {
      out.resize(have);
      continue;
    }
    const auto error = last_error();
    out.resize(have + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n > 0 && out.size() < kMostBytes) continue;
    ::close(fd);
    if (n < 0) return fail(error);
    if (n > 0) return fail(std::make_error_code(std::errc::file_too_large));
    return out;
  }
}

std::vector<std::string> arguments(const GeneratedClip& clip) {
  const double gops = std::max(1.0, std::ceil(kSeconds / clip.gop));
  const auto frames = std::max(1L, std::lround(gops * clip.gop * clip.fps));
  return {"sluice-fake", "--no-pace",
          "--width",     fmt::to_string(clip.width),
          "--height",    fmt::to_string(clip.height),
          "--fps",       fmt::to_string(clip.fps),
          "--bitrate",   fmt::to_string(clip.bitrate),
          "--gop",       fmt::to_string(clip.gop),
          "--frames",    fmt::to_string(frames)};
}

}  // namespace

Result<Bytes> generate_clip(const GeneratedClip& options) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail(error);
  const std::string program = self.parent_path() / "sluice-fake";

  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return fail(last_error());
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  // A pipe as standard input would end it when we close ours.
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  auto texts = arguments(options);
  std::vector<char*> argv;
  for (auto& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int spawned = ::posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (spawned != 0) {
    ::close(pipe[0]);
    return fail(std::error_code(spawned, std::generic_category()));
  }
  auto flv = read_all(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (flv && status != 0) return fail(std::make_error_code(std::errc::io_error));
  return flv;
}

Result<Bytes> read_clip(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(last_error());
  return read_all(fd);
}

}  // namespace sluice::load
