#include "app/control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <thread>

#include "app/test_folder.hpp"
#include "core/file_descriptor.hpp"

namespace sluice::app {
namespace {

using ::testing::HasSubstr;

Control::Actions answering(ConfigOutcome outcome) {
  return {.stop = [] {}, .reload = [outcome](auto done) { done(outcome); }};
}

std::unique_ptr<Control> start(const std::filesystem::path& socket, const ConfigOutcome& outcome) {
  auto control = Control::start(socket, answering(outcome));
  EXPECT_TRUE(control) << control.error();
  return control ? std::move(*control) : nullptr;
}

TEST(Control, SaysWhatTheReloadDid) {
  const test::Folder folder;
  const auto control = start(folder.path("c"), ReloadReport{.added = {"a"}, .removed = {"b"}, .opened = {"http 80"}});
  struct stat seen{};
  ASSERT_EQ(::stat(folder.path("c").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0600u);
  for (int again = 0; again < 2; ++again) {
    const auto answer = ask_to_reload(folder.path("c"));
    EXPECT_TRUE(answer.ok);
    EXPECT_EQ(answer.text, "opened http 80\nadded stream a\nremoved stream b\n");
  }
}

TEST(Control, SaysWhyItDidNot) {
  const test::Folder folder;
  const auto control =
      start(folder.path("c"),
            std::unexpected(ConfigErrors{
                {.file = "f", .at = {.line = 1, .column = 2}, .message = "wrong", .expected = {}, .pointer = {}}}));
  const auto answer = ask_to_reload(folder.path("c"));
  EXPECT_FALSE(answer.ok);
  EXPECT_EQ(answer.text, "f:1:2: wrong\n");
}

TEST(Control, AnswersAlsoWhereThePathIsLong) {
  const test::Folder folder;
  const std::string deep = std::string(100, 'x') + "/" + std::string(100, 'y');
  std::filesystem::create_directories(folder.path(deep));
  const auto control = start(folder.path(deep) / "c", ReloadReport{});
  EXPECT_TRUE(ask_to_reload(folder.path(deep) / "c").ok);
}

TEST(Control, WhereNobodyRunsItSaysSo) {
  const test::Folder folder;
  const auto answer = ask_to_reload(folder.path("c"));
  EXPECT_FALSE(answer.ok);
  EXPECT_THAT(answer.text, HasSubstr("no server answers at"));
  start(folder.path("c"), ReloadReport{}).reset();
  EXPECT_FALSE(std::filesystem::exists(folder.path("c"))) << "removed at the end";
}

TEST(Control, TakesOverWhatAKilledServerLeftAndNothingElse) {
  const test::Folder folder;
  const auto control = start(folder.path("c"), ReloadReport{});
  const auto second = Control::start(folder.path("c"), answering(ReloadReport{}));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("another server runs with this config"));
  EXPECT_TRUE(ask_to_reload(folder.path("c")).ok) << "the first is not disturbed";

  const int left = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  folder.path("d").string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  const auto next = start(folder.path("d"), ReloadReport{});
  EXPECT_TRUE(ask_to_reload(folder.path("d")).ok);

  std::ofstream(folder.path("e")) << "http 8080;";
  const auto last = start(folder.path("e"), ReloadReport{});
  EXPECT_TRUE(std::filesystem::is_regular_file(folder.path("e"))) << "what is no socket stays";
}

TEST(Control, AServerThatEndsMeanwhileDidNotReload) {
  const test::Folder folder;
  const auto control = Control::start(folder.path("c"), {.stop = [] {}, .reload = [](auto) {}});
  ASSERT_TRUE(control);
  const auto answer = ask_to_reload(folder.path("c"));
  EXPECT_FALSE(answer.ok);
  EXPECT_EQ(answer.text, "the server did not answer\n");
}

/// A client of the socket that has its descriptor already.
class Client {
 public:
  Client() : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  void connect(const std::filesystem::path& socket) const {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  void send(std::string_view text) const {
    EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// Bytes that the server has not read.
  [[nodiscard]] int unread() const {
    int bytes = 0;
    EXPECT_EQ(::ioctl(fd_.get(), SIOCOUTQ, &bytes), 0);
    return bytes;
  }
  [[nodiscard]] bool is_open() const {
    char byte = 0;
    return ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }
  /// All that comes.
  [[nodiscard]] std::string read() const {
    std::array<char, 256> buffer{};
    std::string out;
    for (;;) {
      const auto n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (n <= 0) return out;
      out.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }

 private:
  FileDescriptor fd_;
};

TEST(Control, WhoSaysNothingHoldsUpNoSignal) {
  sigset_t before;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  Control::block_signals();
  const test::Folder folder;
  std::promise<bool> stopped;
  const Client silent;
  const auto control = Control::start(folder.path("c"), {.stop = [&] { stopped.set_value(silent.is_open()); },
                                                         .reload = [](auto done) { done(ReloadReport{}); }});
  ASSERT_TRUE(control);
  silent.connect(folder.path("c"));
  silent.send("re");
  while (silent.unread() != 0) std::this_thread::yield();
  ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
  EXPECT_TRUE(stopped.get_future().get()) << "the signal came in first";

  const Client next;
  next.connect(folder.path("c"));
  next.send("reload\n");
  EXPECT_EQ(next.read(), "ok\nno stream and no port is another\n") << "the silent one was sent away";
  EXPECT_FALSE(silent.is_open());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(Control, ARequestMayComeInPieces) {
  const test::Folder folder;
  const auto control = start(folder.path("c"), ReloadReport{});
  const Client slow;
  slow.connect(folder.path("c"));
  for (const std::string_view piece : {"rel", "oad", "\n"}) {
    slow.send(piece);
    while (slow.unread() != 0) std::this_thread::yield();
  }
  EXPECT_THAT(slow.read(), HasSubstr("ok\n"));
  const Client other;
  other.connect(folder.path("c"));
  other.send("relaod\n");
  EXPECT_EQ(other.read(), "") << "what is no request ends at once";
}

std::chrono::nanoseconds cpu_time() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

TEST(Control, WithoutADescriptorItTriesAgainNowAndThen) {
  const test::Folder folder;
  const auto control = start(folder.path("c"), ReloadReport{});
  const Client client;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{.rlim_cur = static_cast<rlim_t>(FileDescriptor(::dup(0)).get()), .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto began = std::chrono::steady_clock::now();
  const auto cpu = cpu_time();
  client.connect(folder.path("c"));
  client.send("reload\n");
  while (std::chrono::steady_clock::now() < began + std::chrono::milliseconds(500)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto used = cpu_time() - cpu;
  EXPECT_TRUE(client.is_open());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_LT(used, std::chrono::milliseconds(100)) << "it does not try again and again";
  EXPECT_THAT(client.read(), HasSubstr("ok\n"));
}

TEST(Control, TheReportNamesOnlySoMany) {
  ReloadReport report;
  for (int i = 0; i < 1000; ++i) report.added.push_back("s" + std::to_string(i));
  const auto text = to_text(report);
  EXPECT_THAT(text, HasSubstr("added stream s19\nadded stream 980 more\n"));
  EXPECT_EQ(to_text(ReloadReport{}), "no stream and no port is another\n");
}

}  // namespace
}  // namespace sluice::app
