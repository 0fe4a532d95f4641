#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/file_descriptor.hpp"
#include "core/result.hpp"

namespace sluice {

/// New content for a file, all of it or nothing: prepare() writes it to the disk beside the file, commit() moves it
/// over the file, as one step, and sync() sees to it that this step is on the disk, too. What is not committed is
/// removed. Everything here blocks.
class FileReplacement {
 public:
  /// Follows a symbolic link, which stays; keeps the file's mode and group, and its owner where the system allows it. A
  /// file that is not there is made with mode 0640. Fails as the system does, also where the file itself may not be
  /// written (EACCES) or the disk is full (ENOSPC): the file is as it was.
  static Result<FileReplacement> prepare(const std::filesystem::path& file, std::string_view content);

  FileReplacement(FileReplacement&& other) noexcept;
  FileReplacement& operator=(FileReplacement&& other) noexcept;
  ~FileReplacement();

  /// The file has the new content now; where that fails, it is as it was. Needs no descriptor and no room on the disk.
  Result<void> commit();
  /// After commit(): the new content is there also after a power failure. Where that fails, it is in the file, but it
  /// may be the old one again after a power failure.
  Result<void> sync() const;

 private:
  FileReplacement(std::filesystem::path target, std::filesystem::path temporary, FileDescriptor directory);

  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty: nothing to remove
  FileDescriptor directory_;         // of the target
};

/// The whole of a file of at most `most` bytes; EFBIG where it is longer. Blocks.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t most);

}  // namespace sluice
