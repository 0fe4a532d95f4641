#include "core/file_replacement.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kNewFile = 0640;

std::unexpected<std::error_code> failure(int error = errno) {
  return std::unexpected(std::error_code(error, std::generic_category()));
}

Result<void> write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const auto n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure();
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

/// Gives `fd` the mode, group and owner of the file that it will replace, or those of a new one.
Result<void> take_over_rights(int fd, const fs::path& target) {
  struct stat old{};
  if (::stat(target.c_str(), &old) != 0) {
    if (errno != ENOENT) return failure();
    return ::fchmod(fd, kNewFile) == 0 ? Result<void>() : failure();
  }
  // By its mode, not because the directory allows it.
  if (::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0) return failure();
  if (::fchown(fd, old.st_uid, old.st_gid) != 0 && ::fchown(fd, static_cast<uid_t>(-1), old.st_gid) != 0) {
    return failure();
  }
  return ::fchmod(fd, old.st_mode & 07777) == 0 ? Result<void>() : failure();
}

}  // namespace

Result<FileReplacement> FileReplacement::prepare(const fs::path& file, std::string_view content) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(fs::absolute(file, error), error);
  if (error) return std::unexpected(error);
  FileDescriptor directory(::open(target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return failure();
  // Hidden, so that nobody takes it for a drop-in should it be left behind.
  std::string name = (target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string();
  const FileDescriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return failure();
  FileReplacement made(target, name, std::move(directory));
  if (auto ok = write_all(fd.get(), content); !ok) return std::unexpected(ok.error());
  if (auto ok = take_over_rights(fd.get(), target); !ok) return std::unexpected(ok.error());
  if (::fsync(fd.get()) != 0) return failure();
  return made;
}

FileReplacement::FileReplacement(fs::path target, fs::path temporary, FileDescriptor directory)
    : target_(std::move(target)), temporary_(std::move(temporary)), directory_(std::move(directory)) {}

FileReplacement::FileReplacement(FileReplacement&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      directory_(std::move(other.directory_)) {}

FileReplacement& FileReplacement::operator=(FileReplacement&& other) noexcept {
  std::swap(target_, other.target_);
  std::swap(temporary_, other.temporary_);
  std::swap(directory_, other.directory_);
  return *this;
}

FileReplacement::~FileReplacement() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> FileReplacement::commit() {
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return failure();
  temporary_.clear();
  return {};
}

Result<void> FileReplacement::sync() const { return ::fsync(directory_.get()) == 0 ? Result<void>() : failure(); }

Result<std::string> read_file(const fs::path& file, std::size_t most) {
  const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return failure();
  std::string text;
  std::size_t size = 0;
  for (;;) {
    if (size == text.size()) text.resize(std::min(std::max<std::size_t>(2 * size, 16 * 1024), most + 1));
    const auto n = ::read(fd.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure();
    size += static_cast<std::size_t>(n);
    if (size > most) return failure(EFBIG);
    if (n == 0) break;
  }
  text.resize(size);
  return text;
}

}  // namespace sluice
