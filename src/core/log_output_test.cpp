#include "core/log_output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sluice::log {
namespace {

class LogOutputTest : public testing::Test {
 protected:
  ~LogOutputTest() override { std::filesystem::remove(path_); }

  [[nodiscard]] std::string content() const {
    std::ostringstream out;
    out << std::ifstream(path_).rdbuf();
    return out.str();
  }

  const std::string path_ = testing::TempDir() + "sluice-output-" + std::to_string(::getpid());
  LogOutput output_;
};

TEST_F(LogOutputTest, KeepsLinesUntilTheyAreTaken) {
  EXPECT_TRUE(output_.empty());
  EXPECT_TRUE(output_.add("a\n"));
  EXPECT_TRUE(output_.add("b\n"));
  EXPECT_EQ(output_.take(), "a\nb\n");
  EXPECT_TRUE(output_.empty());
}

TEST_F(LogOutputTest, HasRoomForSoMuchAndDropsWholeLines) {
  const std::string line(LogOutput::kMostWaiting / 4, 'x');
  EXPECT_TRUE(output_.add(line));
  EXPECT_TRUE(output_.add(line));
  EXPECT_FALSE(output_.is_half_full());
  EXPECT_TRUE(output_.add(line));
  EXPECT_TRUE(output_.is_half_full());
  EXPECT_TRUE(output_.add(line));
  EXPECT_FALSE(output_.add("y"));
  EXPECT_EQ(output_.take().size(), LogOutput::kMostWaiting);
  EXPECT_TRUE(output_.add("y"));
}

TEST_F(LogOutputTest, AppendsToItsFileAndMakesItForNoStranger) {
  std::ofstream(path_) << "before\n";
  ASSERT_TRUE(output_.open(path_));
  EXPECT_EQ(output_.write("a\n", 0), 0u);
  std::filesystem::remove(path_);
  ASSERT_TRUE(output_.open(path_)) << "opened again";
  EXPECT_EQ(output_.write("b\n", 0), 0u);
  EXPECT_EQ(content(), "b\n");
  struct stat seen{};
  ASSERT_EQ(::stat(path_.c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0007, 0u);
}

TEST_F(LogOutputTest, AFileThatCannotBeOpenedLeavesTheOneBefore) {
  ASSERT_TRUE(output_.open(path_));
  EXPECT_FALSE(output_.open("/nowhere/access.log"));
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(output_.write("a\n", 0), 0u);
  EXPECT_EQ(content(), "a\n");
}

TEST_F(LogOutputTest, APipeThatIsFullLosesTheRestOfTheLinesAndCountsThem) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(output_.open(path_)) << "not to wait for a reader";
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_TRUE(output_.open(path_));
  const auto room = static_cast<std::size_t>(::fcntl(reader, F_GETPIPE_SZ));
  std::string lines;
  while (lines.size() < room) lines += std::string(PIPE_BUF - 1, 'x') + "\n";
  EXPECT_EQ(output_.write(lines + "a\nb\nc\n", 0), 3u);
  std::string got(2 * room, '\0');
  got.resize(static_cast<std::size_t>(::read(reader, got.data(), got.size())));
  EXPECT_EQ(got, lines);
  ::close(reader);
  std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(output_.write("d\n", 0), 1u) << "who is gone takes nothing";
}

}  // namespace
}  // namespace sluice::log
