#include "app/control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

#include "app/test_folder.hpp"

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

TEST(Control, TheReportNamesOnlySoMany) {
  ReloadReport report;
  for (int i = 0; i < 1000; ++i) report.added.push_back("s" + std::to_string(i));
  const auto text = to_text(report);
  EXPECT_THAT(text, HasSubstr("added stream s19\nadded stream 980 more\n"));
  EXPECT_EQ(to_text(ReloadReport{}), "no stream and no port is another\n");
}

}  // namespace
}  // namespace sluice::app
