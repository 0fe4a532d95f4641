// Runs the program itself and looks at what comes out with ffprobe and ffmpeg, other people's readers of FLV.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "transcode/fake/test_picture.hpp"

namespace sluice::transcode::fake {
namespace {

// What a shell command writes to standard output. Its status must be 0.
std::string output_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 65536> buffer;
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), n);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

int status_of(const std::string& command) { return WEXITSTATUS(std::system(command.c_str())); }

bool has_ffmpeg() { return status_of("command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null") == 0; }

// A file that the program wrote, gone with the test.
class Recording {
 public:
  explicit Recording(const std::string& options)
      : path_(std::filesystem::temp_directory_path() / ("sluice-fake-" + std::to_string(getpid()) + ".flv")) {
    EXPECT_EQ(status_of(SLUICE_FAKE " " + options + " </dev/null >" + path_.string()), 0);
  }
  ~Recording() { std::filesystem::remove(path_); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // The values of ffprobe's entries for the selected stream, a line for each frame or packet where these are asked for.
  [[nodiscard]] std::string probe(const std::string& entries, const std::string& stream = "v:0") const {
    return output_of("ffprobe -v error -of csv=p=0 -count_frames -select_streams " + stream + " -show_entries " +
                     entries + " " + path_.string());
  }
  [[nodiscard]] std::string decoded_luma(int width, int height) const {
    return output_of("ffmpeg -v error -i " + path_.string() + " -vf scale=" + std::to_string(width) + ":" +
                     std::to_string(height) + ",format=gray -vsync passthrough -f rawvideo -");
  }

 private:
  std::filesystem::path path_;
};

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) result.push_back(line);
  return result;
}

class ProgramOutput : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(has_ffmpeg()) << "ffmpeg is missing: scripts/install-packages --test"; }
};

TEST_F(ProgramOutput, IsAsLongAndAsLargeAsDocumented) {
  const Recording recording("--frames 75 --no-pace");  // 3 s of the defaults
  EXPECT_EQ(recording.probe("stream=codec_name,profile,width,height,r_frame_rate,nb_read_frames"),
            "h264,Main,320,240,25/1,75\n");
  // 3 s are 140.625 frames of 1024 samples at 48 kHz: those that begin before the end.
  EXPECT_EQ(recording.probe("stream=codec_name,profile,sample_rate,channels,nb_read_frames", "a:0"),
            "aac,LC,48000,2,141\n");
}

TEST_F(ProgramOutput, FollowsItsOptions) {
  const Recording recording("--width 640 --height 360 --fps 29.97 --gop 1 --bitrate 800k --frames 60 --no-pace");
  EXPECT_EQ(recording.probe("stream=width,height,nb_read_frames"), "640,360,60\n");
  const auto keys = lines(recording.probe("packet=flags"));
  ASSERT_EQ(keys.size(), 60U);
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(keys[i].substr(0, 1), i % 30 == 0 ? "K" : "_") << i;
}

TEST_F(ProgramOutput, StampsAreTheNearestMilliseconds) {
  const Recording recording("--fps 30000/1001 --frames 31 --no-pace");
  const auto stamps = lines(recording.probe("packet=pts_time"));
  ASSERT_EQ(stamps.size(), 31U);
  EXPECT_EQ(stamps[1].substr(0, 8), "0.033000");
  EXPECT_EQ(stamps[30].substr(0, 8), "1.001000");
}

TEST_F(ProgramOutput, EveryDecodedPictureSaysItsNumberAlsoWhenScaled) {
  const Recording recording("--frames 130 --no-pace");
  for (const auto& [width, height] : {std::pair(320, 240), std::pair(640, 480), std::pair(256, 144)}) {
    std::string luma = recording.decoded_luma(width, height);
    const std::size_t size = static_cast<std::size_t>(width) * height;
    ASSERT_EQ(luma.size(), 130 * size);
    for (std::uint32_t n = 0; n < 130; ++n) {
      const Plane plane{reinterpret_cast<std::uint8_t*>(luma.data()) + n * size, width};
      EXPECT_EQ(read_frame_number(plane, width, height), n) << width;
    }
  }
}

TEST(Program, TakesItsTime) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(status_of(SLUICE_FAKE " --frames 6 </dev/null >/dev/null"), 0);  // the last one is due after 200 ms
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(200));
}

TEST(Program, RefusesNonsense) {
  for (const char* options : {"--width 321", "--width 0", "--height 99999", "--fps 0", "--fps x", "--bitrate -1",
                              "--gop 0", "--frames -1", "--what"}) {
    EXPECT_NE(status_of(SLUICE_FAKE " --no-pace --frames 1 " + std::string(options) + " >/dev/null 2>&1"), 0)
        << options;
  }
}

// The program as a child with a pipe at either end, as the server runs it.
class Child {
 public:
  Child() {
    std::array<int, 2> in{}, out{};
    EXPECT_EQ(pipe2(in.data(), O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(out.data(), O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::string name = SLUICE_FAKE;
    std::array<char*, 2> arguments{name.data(), nullptr};
    EXPECT_EQ(posix_spawn(&pid_, SLUICE_FAKE, &actions, nullptr, arguments.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
    // It runs once its header has come.
    std::array<char, 3> signature{};
    EXPECT_EQ(read(from_, signature.data(), signature.size()), 3);
    EXPECT_EQ(std::string_view(signature.data(), 3), "FLV");
  }
  ~Child() {
    close_input();
    close_output();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void close_input() { close_once(to_); }
  void close_output() { close_once(from_); }
  // Waits for its end; -1 where a signal ended it.
  int status() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static void close_once(int& fd) {
    if (fd >= 0) close(std::exchange(fd, -1));
  }
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
};

TEST(Program, EndsWhenItsInputIsClosed) {
  Child child;
  child.close_input();
  EXPECT_EQ(child.status(), 0);
}

TEST(Program, EndsWhenNobodyReads) {
  Child child;
  child.close_output();
  EXPECT_EQ(child.status(), 0);
}

}  // namespace
}  // namespace sluice::transcode::fake
