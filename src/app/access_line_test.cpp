#include "app/access_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "access/sessions.hpp"
#include "app/test_folder.hpp"
#include "core/log.hpp"

namespace sluice::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AccessLineTest : public testing::Test {
 protected:
  AccessLineTest() { log::configure({.requests = true, .requests_file = folder_.path("access.log")}); }
  ~AccessLineTest() override {
    log::configure({});
    log::flush();
  }

  [[nodiscard]] std::string written() const {
    log::flush();
    return folder_.read("access.log");
  }

  static std::unique_ptr<AccessLine> line(std::shared_ptr<access::Session> session = nullptr) {
    net::HttpRequest request{.method = "GET", .path = "/a"};
    request.query = "b=c";
    request.peer = "192.0.2.7";
    auto made = std::make_unique<AccessLine>(request, SteadyTime::clock::now());
    made->set_session(std::move(session));
    return made;
  }

  std::shared_ptr<access::Session> session() { return *sessions_.admit_connection({.name = "a", .proto = "tshttp"}); }

  test::Folder folder_;
  access::Sessions sessions_;
};

TEST_F(AccessLineTest, SaysWhatBecameOfAnAnswer) {
  auto response = net::HttpResponse::text(200, "hello\n");
  AccessLine::write_after(response, line());
  EXPECT_THAT(written(), IsEmpty()) << "it is not over";
  response.sent(304, 0);
  response = {};
  EXPECT_THAT(written(),
              AllOf(HasSubstr("peer=192.0.2.7 method=GET path=/a?b=c proto=http tls=\"\" status=304 bytes=0 "),
                    HasSubstr(" session=\"\" ")));
}

TEST_F(AccessLineTest, AnAnswerThatLastsHasTheBytesOfItsSession) {
  Shards shards(1);
  TaskScope scope;
  net::HttpResponse response;
  const auto playing = session();
  response.takeover = [playing](net::TcpSocket&) -> Task<void> {
    playing->bytes = 4711;
    co_await sleep_for(std::chrono::hours(1));
  };
  AccessLine::write_after(response, line(playing));
  shards[0].post([&] {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    ::close(ends[1]);
    scope.spawn([](net::TcpSocket socket, net::HttpResponse::Takeover takeover) -> Task<void> {
      co_await takeover(socket);
    }(*net::TcpSocket::adopt(ends[0], "192.0.2.7"), std::move(response.takeover)));
    EXPECT_THAT(written(), IsEmpty());
    scope.cancel();  // the viewer is sent away
    shards.stop();
  });
  shards.run();
  EXPECT_THAT(written(), HasSubstr("proto=tshttp tls=\"\" status=200 bytes=4711 "));
}

TEST_F(AccessLineTest, AnAnswerThatIsNeverBegunHasItsLine) {
  {
    // HEAD, or the viewer has gone before the first byte.
    net::HttpResponse response;
    response.takeover = [](net::TcpSocket&) -> Task<void> { co_return; };
    AccessLine::write_after(response, line(session()));
  }
  EXPECT_THAT(written(), HasSubstr("proto=tshttp tls=\"\" status=200 bytes=0 "));
}

TEST_F(AccessLineTest, ARequestThatIsNeverAnsweredHasItsLine) {
  line();
  EXPECT_THAT(written(), HasSubstr("status=0 bytes=0 "));
}

}  // namespace
}  // namespace sluice::app
