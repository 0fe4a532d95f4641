#include "core/log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace sluice::log {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Log : public testing::Test {
 protected:
  ~Log() override {
    configure({});
    flush();
    std::filesystem::remove(file_);
  }

  /// What `f` writes to standard error.
  template <class F>
  std::string logged(F f) {
    testing::internal::CaptureStderr();
    f();
    flush();
    return testing::internal::GetCapturedStderr();
  }

  static std::string content(const std::string& file) {
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
  }

  const std::string file_ = testing::TempDir() + "sluice-access-" + std::to_string(::getpid()) + ".log";
};

TEST_F(Log, WritesTheLevelAndTheGraverOnes) {
  configure({.level = Level::notice});
  const auto text = logged([] {
    debug("d");
    info("i");
    notice("n", {{"peer", "192.0.2.1"}});
    error("e");
  });
  EXPECT_THAT(text, AllOf(HasSubstr(" notice n peer=192.0.2.1\n"), HasSubstr(" error e\n")));
  EXPECT_THAT(text, AllOf(Not(HasSubstr(" debug ")), Not(HasSubstr(" info "))));
  configure({.level = Level::none});
  EXPECT_THAT(logged([] { error("e"); }), IsEmpty());
}

TEST_F(Log, WhatIsHeldBackKeepsTheFormatThatItWasMadeFor) {
  const auto text = logged([] {
    for (int i = 0; i < 2; ++i) warning("it is broken", {{"stream", "a"}});
    const auto lines = counts().lines;
    configure({.format = Format::json});
    while (counts().lines == lines) std::this_thread::yield();
  });
  EXPECT_THAT(text, AllOf(Not(HasSubstr("{")), HasSubstr(" warning it is broken stream=a\n")));
}

TEST_F(Log, OfAFaultThatRepeatsALineASecond) {
  const auto before = counts().repeated;
  const auto text = logged([] {
    for (int i = 0; i < 1000; ++i) warning("it is broken", {{"stream", "a"}});
  });
  EXPECT_EQ(text.find("it is broken"), text.rfind("it is broken")) << text;
  EXPECT_EQ(counts().repeated - before, 999u);
}

TEST_F(Log, WhatIsNoFaultIsNeverHeldBack) {
  const auto text = logged([] {
    for (int i = 0; i < 100; ++i) info("source connected", {{"n", i}});
  });
  for (int i = 0; i < 100; ++i) EXPECT_THAT(text, HasSubstr("source connected n=" + std::to_string(i) + "\n"));
}

TEST_F(Log, RequestsGoToAFileOfTheirOwnThatMayBeRenamed) {
  configure({.format = Format::json, .requests = true, .requests_file = file_});
  ASSERT_TRUE(wants_requests());
  EXPECT_THAT(logged([] { request({{"path", "/a?token=1"}, {"status", 200}}); }), IsEmpty());
  EXPECT_THAT(content(file_), HasSubstr(R"("message":"request","path":"/a?token=***","status":200})"));

  std::filesystem::rename(file_, file_ + ".1");
  reopen();
  request({{"path", "/b"}});
  flush();
  EXPECT_THAT(content(file_), AllOf(HasSubstr("/b"), Not(HasSubstr("/a"))));
  std::filesystem::remove(file_ + ".1");
}

TEST_F(Log, RequestsGoWithTheRestWithoutAFile) {
  request({{"path", "/a"}});
  configure({.requests = true});
  EXPECT_THAT(logged([] { request({{"path", "/b"}}); }), AllOf(HasSubstr("request path=/b"), Not(HasSubstr("/a"))));
}

TEST_F(Log, SaysThatTheFileOfRequestsCannotBeOpened) {
  EXPECT_THAT(
      logged([] { configure({.requests = true, .requests_file = "/nowhere/access.log"}); }),
      HasSubstr("error cannot open the access log file=/nowhere/access.log error=\"No such file or directory\""));
}

TEST_F(Log, NobodyWaitsForATerminalThatIsStuckAndWhatIsLostIsCounted) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const int kept = ::dup(STDERR_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  const auto before = counts().dropped;

  const auto begin = std::chrono::steady_clock::now();
  const std::string long_value(1000, 'x');
  for (int i = 0; i < 5000; ++i) info("flood", {{"value", long_value}});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_GT(counts().dropped, before + 1000);

  // Somebody reads again: he is told.
  ::close(ends[1]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  std::string text;
  std::array<char, 65536> buffer;
  const auto deadline = begin + std::chrono::seconds(20);
  while (text.find("did not keep up") == std::string::npos && std::chrono::steady_clock::now() < deadline) {
    const auto n = ::read(ends[0], buffer.data(), buffer.size());
    if (n > 0) text.append(buffer.data(), static_cast<std::size_t>(n));
    std::this_thread::yield();
  }
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  ::close(ends[0]);
  EXPECT_THAT(text, HasSubstr("warning the log did not keep up and lost lines lines="));
}

TEST_F(Log, RemembersTheNewestLines) {
  logged([] { warning("remembered", {{"stream", "cam"}}); });
  const auto lines = recent();
  const auto found = std::ranges::find(lines, "remembered", &RecentLine::message);
  ASSERT_NE(found, lines.end());
  EXPECT_EQ(found->level, Level::warning);
  EXPECT_THAT(found->details, HasSubstr("cam"));
  EXPECT_GT(found->time, UtcTime{});
}

TEST_F(Log, TakesLinesFromManyThreads) {
  const auto text = logged([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < 500; ++i) info("line", {{"thread", t}, {"n", i}});
      });
    }
    for (auto& thread : threads) thread.join();
  });
  EXPECT_EQ(std::ranges::count(text, '\n'), 2000);
}

}  // namespace
}  // namespace sluice::log
