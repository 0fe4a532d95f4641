#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace sluice {

/// New content for a file, all of it or nothing: prepare() writes it to the disk beside the file, commit() moves it
/// over the file, as one step. What is not committed is removed. Everything here blocks.
class FileReplacement {
 public:
  /// Follows a symbolic link, which stays; keeps the file's mode and group, and its owner where the system allows it. A
  /// file that is not there is made with mode 0640. Fails as the system does, also where the file itself may not be
  /// written (EACCES) or the disk is full (ENOSPC): the file is as it was.
  static Result<FileReplacement> prepare(const std::filesystem::path& file, std::string_view content);

  FileReplacement(FileReplacement&& other) noexcept;
  FileReplacement& operator=(FileReplacement&& other) noexcept;
  ~FileReplacement();

  /// After it, the new content is there also after a power failure.
  Result<void> commit();

 private:
  FileReplacement(std::filesystem::path target, std::filesystem::path temporary);

  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty: nothing to remove
};

/// The whole of a file of at most `most` bytes; EFBIG where it is longer. Blocks.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t most);

}  // namespace sluice
