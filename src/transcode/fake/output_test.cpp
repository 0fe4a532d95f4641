#include "transcode/fake/output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

namespace sluice::transcode::fake {
namespace {

using namespace std::chrono_literals;

struct Pipe {
  Pipe() {
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int reader() const { return ends[0]; }
  [[nodiscard]] int writer() const { return ends[1]; }
  void close_reader() { close_end(0); }
  void close_writer() { close_end(1); }

 private:
  void close_end(std::size_t i) {
    if (ends[i] >= 0) close(std::exchange(ends[i], -1));
  }
  std::array<int, 2> ends{-1, -1};
};

SteadyTime in(std::chrono::nanoseconds time) { return std::chrono::steady_clock::now() + time; }

TEST(Output, WaitsUntilTheDeadline) {
  const Pipe out, lifeline;
  const auto deadline = in(20ms);
  EXPECT_TRUE(Output(out.writer(), lifeline.reader()).wait(deadline));
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
}

TEST(Output, DoesNotWaitForADeadlineThatHasPassed) {
  const Pipe out, lifeline;
  EXPECT_TRUE(Output(out.writer(), lifeline.reader()).wait(in(-1h)));
}

TEST(Output, EndsWithItsReader) {
  Pipe out;
  const Pipe lifeline;
  Output output(out.writer(), lifeline.reader());
  out.close_reader();
  EXPECT_FALSE(output.wait(in(1h)));
  EXPECT_FALSE(output.write(as_bytes("x")));
}

TEST(Output, EndsWithTheOtherEndOfASocket) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  Output output(ends[0], ends[0]);
  EXPECT_TRUE(output.wait(in(1ms)));
  EXPECT_TRUE(output.write(as_bytes("x")));
  close(ends[1]);
  EXPECT_FALSE(output.wait(in(1h)));
  EXPECT_FALSE(output.write(as_bytes("x")));
  close(ends[0]);
}

TEST(Output, EndsWithItsLifeline) {
  const Pipe out;
  Pipe lifeline;
  Output output(out.writer(), lifeline.reader());
  lifeline.close_writer();
  EXPECT_FALSE(output.wait(in(1h)));
  EXPECT_FALSE(output.write(as_bytes("x")));
}

TEST(Output, WordsOnTheLifelineMeanNothing) {
  const Pipe out, lifeline;
  ASSERT_EQ(write(lifeline.writer(), "hello", 5), 5);
  EXPECT_TRUE(Output(out.writer(), lifeline.reader()).wait(in(1ms)));
}

TEST(Output, AFullPipeIsWaitedFor) {
  Pipe out;
  const Pipe lifeline;
  const Bytes sent(1'000'000, std::byte{7});
  Bytes received;
  std::jthread reader([&] {
    std::array<std::byte, 4096> buffer;
    while (const ssize_t n = read(out.reader(), buffer.data(), buffer.size())) {
      if (n < 0) break;
      received.insert(received.end(), buffer.begin(), buffer.begin() + n);
    }
  });
  EXPECT_TRUE(Output(out.writer(), lifeline.reader()).write(sent));
  out.close_writer();
  reader.join();
  EXPECT_EQ(received, sent);
}

TEST(Output, AFullPipeEndsWithTheLifeline) {
  const Pipe out;
  Pipe lifeline;
  Output output(out.writer(), lifeline.reader());
  lifeline.close_writer();
  EXPECT_FALSE(output.write(Bytes(1'000'000)));
}

TEST(Output, AFileAsStandardInputIsNoLifeline) {
  const Pipe out;
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_TRUE(Output(out.writer(), null).wait(in(1ms)));
  EXPECT_TRUE(Output(out.writer(), null).write(as_bytes("x")));
  close(null);
}

}  // namespace
}  // namespace sluice::transcode::fake
