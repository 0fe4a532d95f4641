#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/file_replacement.hpp"

namespace sluice::app::test {

/// A directory of a test, gone after it.
class Folder {
 public:
  Folder() { EXPECT_NE(::mkdtemp(path_.data()), nullptr); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path path(std::string_view name) const { return std::filesystem::path(path_) / name; }
  void write(std::string_view name, std::string_view content) const {
    std::filesystem::create_directories(path(name).parent_path());
    std::ofstream(path(name)) << content;
  }
  [[nodiscard]] std::string read(std::string_view name) const {
    return read_file(path(name), std::size_t{1} << 20).value_or("");
  }

 private:
  std::string path_ = (std::filesystem::temp_directory_path() / "sluice.XXXXXX").string();
};

}  // namespace sluice::app::test
