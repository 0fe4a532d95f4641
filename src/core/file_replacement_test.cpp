#include "core/file_replacement.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

namespace sluice {
namespace {

namespace fs = std::filesystem;

class FileReplacementTest : public testing::Test {
 protected:
  FileReplacementTest() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~FileReplacementTest() override { fs::remove_all(folder_); }

  [[nodiscard]] fs::path path(const std::string& name) const { return fs::path(folder_) / name; }
  void write(const std::string& name, std::string_view content) const { std::ofstream(path(name)) << content; }
  [[nodiscard]] std::string read(const std::string& name) const { return read_file(path(name), 1 << 20).value(); }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  std::string folder_ = (fs::temp_directory_path() / "replacement.XXXXXX").string();
};

TEST_F(FileReplacementTest, ReplacesTheWholeAndKeepsMode) {
  write("a", "old");
  ASSERT_EQ(::chmod(path("a").c_str(), 0604), 0);
  auto made = FileReplacement::prepare(path("a"), "new");
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(read("a"), "old") << "until it is committed";
  ASSERT_TRUE(made->commit());
  EXPECT_TRUE(made->sync());
  EXPECT_EQ(read("a"), "new");
  struct stat seen{};
  ASSERT_EQ(::stat(path("a").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 07777, 0604u);
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileReplacementTest, KeepsTheOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root has files of others";
  write("a", "old");
  ASSERT_EQ(::chown(path("a").c_str(), 4711, 4712), 0);
  ASSERT_TRUE(FileReplacement::prepare(path("a"), "new")->commit());
  struct stat seen{};
  ASSERT_EQ(::stat(path("a").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_uid, 4711u);
  EXPECT_EQ(seen.st_gid, 4712u);
}

TEST_F(FileReplacementTest, WhatIsNotCommittedLeavesNothing) {
  write("a", "old");
  {
    EXPECT_TRUE(FileReplacement::prepare(path("a"), "new"));
  }
  EXPECT_EQ(read("a"), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(FileReplacementTest, FollowsALinkToItsTarget) {
  fs::create_directory(path("real"));
  write("real/a", "old");
  fs::create_symlink("real/a", path("link"));
  ASSERT_TRUE(FileReplacement::prepare(path("link"), "new")->commit());
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read("real/a"), "new");
}

TEST_F(FileReplacementTest, MakesANewFile) {
  ASSERT_TRUE(FileReplacement::prepare(path("a"), "new")->commit());
  EXPECT_EQ(read("a"), "new");
}

/// A file system of 64 KiB would need rights; a limit of a file's size fails in the same place.
TEST_F(FileReplacementTest, AFullDiskLeavesTheOldFileWhole) {
  write("a", "old");
  auto* const before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{.rlim_cur = 1000, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto made = FileReplacement::prepare(path("a"), std::string(4096, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, before);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error(), std::errc::file_too_large);
  EXPECT_EQ(read("a"), "old");
  EXPECT_EQ(files(), 1u) << "nothing is left behind";
}

TEST_F(FileReplacementTest, WhatIsPreparedNeedsNoDescriptor) {
  write("a", "old");
  auto made = FileReplacement::prepare(path("a"), "new");
  ASSERT_TRUE(made);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto committed = made->commit();
  const auto synced = made->sync();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_TRUE(committed) << "says that the file is as it was";
  EXPECT_TRUE(synced) << synced.error().message();
  EXPECT_EQ(read("a"), "new");
}

TEST_F(FileReplacementTest, WhatCannotBeMovedLeavesTheOldFile) {
  write("a", "old");
  auto made = FileReplacement::prepare(path("a"), "new");
  ASSERT_TRUE(made);
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (entry.path() != path("a")) fs::remove(entry.path());
  }
  EXPECT_EQ(made->commit().error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(read("a"), "old");
}

TEST_F(FileReplacementTest, ReadsNoMoreThanIsAllowed) {
  write("a", std::string(100'000, 'x'));
  EXPECT_EQ(read_file(path("a"), 100'000)->size(), 100'000u);
  EXPECT_EQ(read_file(path("a"), 99'999).error(), std::errc::file_too_large);
  EXPECT_EQ(read_file(path("b"), 1).error(), std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace sluice
