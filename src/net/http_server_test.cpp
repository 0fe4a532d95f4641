#include "net/http_server.hpp"

#include <gtest/gtest.h>

#include "core/shard.hpp"

namespace sluice::net {
namespace {

using std::chrono::seconds;

/// A server on a port of loopback and a client that speaks bytes to it, on one shard.
class HttpServerTest : public testing::Test {
 protected:
  /// Sends `requests` in pieces of `cut` bytes and returns all that comes back until the server closes.
  std::string exchange(std::string requests, std::size_t cut, HttpHandler handler) {
    Shards shards(1);
    std::string answer;
    TaskScope scope;
    shards[0].post([&] {
      auto listener = TcpListener::listen(shards[0], "127.0.0.1", 0);
      ASSERT_TRUE(listener);
      const auto port = listener->port();
      scope.spawn(serve(std::move(*listener), handler));
      scope.spawn(ask(port, requests, cut, answer, shards));
    });
    shards.run();
    return answer;
  }

 private:
  static Task<void> serve(TcpListener listener, const HttpHandler& handler) {
    auto accepted = co_await listener.accept();
    EXPECT_TRUE(accepted);
    co_await serve_http(*TcpSocket::adopt(accepted->fd, accepted->peer), handler);
  }
  static Task<void> ask(std::uint16_t port, std::string requests, std::size_t cut, std::string& answer,
                        Shards& shards) {
    const auto deadline = Shard::current().now() + seconds(10);
    auto socket = co_await connect("127.0.0.1", port, deadline);
    EXPECT_TRUE(socket);
    for (std::size_t at = 0; at < requests.size(); at += cut) {
      co_await socket->send(as_bytes(std::string_view(requests).substr(at, cut)), deadline);
      co_await sleep_until(Shard::current().now());  // so that the server sees the pieces apart
    }
    std::array<std::byte, 4096> buffer;
    for (;;) {
      const auto n = co_await socket->read_some(buffer, deadline);
      if (!n) {
        EXPECT_EQ(n.error(), Errc::closed);
        break;
      }
      answer += as_text(BytesView(buffer).first(*n));
    }
    shards.stop();
  }
};

Task<HttpResponse> echo(const HttpRequest& request) {
  co_return HttpResponse::text(200, request.path + "|" + std::string(request.query) + "|" + std::string(request.body));
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrderHoweverTheyAreCut) {
  const std::string requests =
      "GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n"
      "PUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz"
      "GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const std::string whole = exchange(requests, requests.size(), echo);
  EXPECT_NE(whole.find("/a|x=1|"), std::string::npos);
  EXPECT_NE(whole.find("/b||xyz"), std::string::npos);
  EXPECT_LT(whole.find("/b||xyz"), whole.find("/c||"));
  for (const std::size_t cut : {1, 7, 50}) EXPECT_EQ(exchange(requests, cut, echo), whole) << cut;
}

TEST_F(HttpServerTest, SaysWhatIsWrongWithABadRequestAndCloses) {
  const std::string answer = exchange("BROKEN\r\n\r\n", 100, echo);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
}

TEST_F(HttpServerTest, AnswersAKnownETagWithoutBody) {
  const std::string answer = exchange("GET / HTTP/1.1\r\nIf-None-Match: \"v1\"\r\nConnection: close\r\n\r\n", 100,
                                      [](const HttpRequest&) -> Task<HttpResponse> {
                                        HttpResponse response = HttpResponse::text(200, "body");
                                        response.etag = "\"v1\"";
                                        co_return response;
                                      });
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 304 Not Modified\r\n")) << answer;
  EXPECT_EQ(answer.find("body"), std::string::npos);
}

TEST_F(HttpServerTest, HandsTheSocketOver) {
  const std::string answer = exchange("GET / HTTP/1.1\r\n\r\n", 100, [](const HttpRequest&) -> Task<HttpResponse> {
    HttpResponse response;
    response.takeover = [](TcpSocket& socket) -> Task<void> {
      co_await socket.send(as_bytes("endless"), Shard::current().now() + seconds(1));
    };
    co_return response;
  });
  EXPECT_TRUE(answer.ends_with("Connection: close\r\n\r\nendless")) << answer;
}

TEST_F(HttpServerTest, HandsAWebSocketOverWhereOneWasAskedFor) {
  const auto ask = [&](std::string_view version, std::string_view upgrade) {
    const std::string request =
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: " +
        std::string(version) + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUpgrade: " + std::string(upgrade) +
        "\r\n\r\n";
    return exchange(request, 100, [](const HttpRequest&) -> Task<HttpResponse> {
      HttpResponse response;
      response.takeover = [](TcpSocket& socket) -> Task<void> {
        co_await socket.send(as_bytes("endless"), Shard::current().now() + seconds(1));
      };
      co_return response;
    });
  };
  const std::string answer = ask("13", "websocket");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << answer;
  EXPECT_TRUE(
      answer.ends_with("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x82\x07"
                       "endless"))
      << answer;
  EXPECT_TRUE(ask("8", "websocket").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(ask("13", "h2c").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServerTest, SendsRangesOfTheArenaWhole) {
  std::string expected;
  for (int i = 0; i < 300'000; ++i) expected += static_cast<char>('a' + i % 26);
  const std::string answer =
      exchange("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 100, [&](const HttpRequest&) -> Task<HttpResponse> {
        auto log = std::make_shared<ByteLog>(*ByteLog::create(Shard::current().arena()));
        EXPECT_TRUE(log->append(as_bytes(expected)));
        HttpResponse response;
        for (const Range& range : log->ranges(0, expected.size())) {
          if (range.length > 0) response.body.ranges.push_back(range);
        }
        response.body.lease = log;
        co_return response;
      });
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + expected));
}

struct Owner final : Recall {
  void on_cut() const override { ++cut; }
  mutable int cut = 0;
};

TEST_F(HttpServerTest, CutsWhoHasNotTakenWhatIsWantedBack) {
  constexpr std::size_t kMore = 50'000'000;  // than the systems of both take in
  Owner owner;
  owner.want_back();
  const std::string answer = exchange("GET / HTTP/1.1\r\n\r\n", 100, [&](const HttpRequest&) -> Task<HttpResponse> {
    HttpResponse response;
    response.body = Body::of(Bytes(kMore));
    response.body.recall = &owner;
    co_return response;
  });
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_LT(answer.size(), kMore);
  EXPECT_EQ(owner.cut, 1);
}

}  // namespace
}  // namespace sluice::net
