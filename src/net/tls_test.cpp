#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <fcntl.h>

#include <csignal>
#include <fstream>
#include <future>
#include <thread>

#include "core/shard.hpp"
#include "net/http_server.hpp"
#include "net/test_tls.hpp"
#include "net/tls_accept.hpp"
#include "net/tls_server.hpp"

namespace sluice::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::make_certificate;
using test::TlsClient;

/// A TLS server on a port of loopback, on one shard, and clients on the thread of the test.
class TlsTest : public testing::Test {
 protected:
  ~TlsTest() override { stop(); }

  void start(TlsServer::Options options, HttpHandler handler = echo) {
    auto made = TlsServer::create(std::move(options));
    ASSERT_TRUE(made) << made.error();
    server_ = *made;
    handler_ = std::move(handler);
    auto listener = TcpListener::listen(shards_[0], "127.0.0.1", 0);
    ASSERT_TRUE(listener);
    port_ = listener->port();
    shards_[0].post([this, l = std::move(*listener)]() mutable { scope_.spawn(accept(std::move(l))); });
    thread_ = std::thread([this] { shards_.run(); });
  }
  void start(const CertificateFiles& files) { start({.certificates = {files}}); }
  void stop() {
    if (!thread_.joinable()) return;
    shards_[0].post([this] { scope_.cancel(); });
    shards_.stop();
    thread_.join();
  }
  /// What the server has counted when `done` says so, 20 s at most.
  TlsCounters counters(const std::function<bool(const TlsCounters&)>& done) {
    for (const auto until = std::chrono::steady_clock::now() + seconds(20);;) {
      std::promise<TlsCounters> out;
      shards_[0].post([&] { out.set_value(acceptor_.counters()); });
      const auto now = out.get_future().get();
      if (done(now) || std::chrono::steady_clock::now() > until) return now;
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  [[nodiscard]] std::filesystem::path at(std::string_view name) const { return folder_.path() / name; }
  TlsServer& server() { return *server_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void set_handshake_timeout(std::chrono::nanoseconds t) { handshake_timeout_ = t; }
  void serve_by(std::function<Task<void>(TcpSocket&)> f) { instead_of_http_ = std::move(f); }

  static Task<HttpResponse> echo(const HttpRequest& request) {
    co_return HttpResponse::text(
        200, request.path + "|" + std::string(request.body) + "|" + std::string(request.tls_version));
  }
  static std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  }
  /// What the certificate shown to a client that asks for `host` says first.
  std::string shown_to(const char* host) {
    TlsClient client(port());
    EXPECT_TRUE(client.shake_hands(host));
    return client.server_name();
  }

 private:
  Task<void> accept(TcpListener listener) {
    for (;;) {
      auto accepted = co_await listener.accept();
      if (!accepted) co_return;
      scope_.spawn(serve(std::move(*TcpSocket::adopt(accepted->fd, accepted->peer))));
    }
  }
  Task<void> serve(TcpSocket socket) {
    const auto ok = co_await acceptor_.accept(socket, server_, Shard::current().now() + handshake_timeout_);
    if (!ok) co_return;
    if (instead_of_http_) co_return co_await instead_of_http_(socket);
    co_await serve_http(std::move(socket), handler_);
  }

  test::TemporaryFolder folder_;
  Shards shards_{1};
  std::shared_ptr<TlsServer> server_;
  HttpHandler handler_;
  std::function<Task<void>(TcpSocket&)> instead_of_http_;
  TlsAcceptor acceptor_{3};
  std::chrono::nanoseconds handshake_timeout_ = seconds(20);
  std::uint16_t port_ = 0;
  TaskScope scope_;
  std::thread thread_;
};

TEST_F(TlsTest, AnswersRequests) {
  start(make_certificate(at("a")));
  TlsClient client(port());
  ASSERT_TRUE(client.shake_hands());
  EXPECT_STREQ(SSL_get_version(client.ssl()), "TLSv1.3");
  EXPECT_STREQ(SSL_get_cipher(client.ssl()), "TLS_AES_128_GCM_SHA256");
  const std::string put = "PUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz";
  ASSERT_TRUE(client.write("GET /a HTTP/1.1\r\nHost: h\r\n\r\n" + put));
  ASSERT_TRUE(client.write(get("/c")));
  bool clean = false;
  const std::string all = client.read_all(&clean);
  EXPECT_TRUE(clean);
  EXPECT_THAT(all, testing::ContainsRegex("/a\\|\\|TLSv1.3.*/b\\|xyz.*/c\\|"));
}

TEST_F(TlsTest, SendsMuchFromTheArenaFromFilesAndInPieces) {
  std::string expected;
  for (int i = 0; i < 3'000'000; ++i) expected += static_cast<char>('a' + (i * 7 + i / 1000) % 26);
  std::ofstream(at("file")) << expected;
  const int fd = ::open(at("file").c_str(), O_RDONLY | O_CLOEXEC);
  start({.certificates = {make_certificate(at("a"))}}, [&](const HttpRequest& request) -> Task<HttpResponse> {
    auto log = std::make_shared<ByteLog>(*ByteLog::create(Shard::current().arena()));
    EXPECT_TRUE(log->append(as_bytes(expected)));
    HttpResponse response;
    const auto add = [&](std::size_t from, std::size_t size) {
      if (request.path == "/file") {
        response.body.ranges.push_back({.fd = fd, .offset = from, .length = size});
      } else {
        for (const Range& range : log->ranges(from, size)) response.body.ranges.push_back(range);
      }
    };
    if (request.path == "/pieces") {
      std::size_t from = 0;
      for (std::size_t size = 0; from < expected.size(); from += size, size = size * 3 / 2 + 1) {
        size = std::min(size, expected.size() - from);
        add(from, size);
      }
    } else {
      add(0, expected.size());
    }
    response.body.lease = log;
    co_return response;
  });
  for (const char* path : {"/whole", "/pieces", "/file", "/whole?in=small-records"}) {
    TlsClient client(port());
    // RFC 6066 section 4
    if (std::string_view(path).contains("small")) SSL_CTX_set_tlsext_max_fragment_length(client.context(), 1);
    ASSERT_TRUE(client.shake_hands());
    ASSERT_TRUE(client.write(get(path)));
    const std::string all = client.read_all();
    EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), expected) << path;
  }
  stop();
  ::close(fd);
}

TEST_F(TlsTest, LetsNobodyWaitForMoreThanIsOpenedAlready) {
  const std::string text(10'000, 'x');
  std::promise<std::size_t> got;
  serve_by([&](TcpSocket& socket) -> Task<void> {
    const auto until = Shard::current().now() + seconds(20);
    std::array<std::byte, 300> few;
    std::size_t all = 0;
    while (all < text.size() && Shard::current().now() < until) {
      // Of the record most is in memory when the first of it is read, and behind it nothing comes.
      all += (co_await socket.read_gathered(few, 4096, until)).value_or(0);
    }
    EXPECT_LT(Shard::current().now(), until);
    got.set_value(all);
  });
  start(make_certificate(at("a")));
  TlsClient client(port());
  ASSERT_TRUE(client.shake_hands());
  ASSERT_TRUE(client.write(text));
  EXPECT_EQ(got.get_future().get(), text.size());
  stop();
}

TEST_F(TlsTest, ShowsTheCertificateThatWasAskedFor) {
  start({.certificates = {make_certificate(at("a"), {.names = "DNS:first.example"}),
                          make_certificate(at("b"), {.names = "DNS:*.other.example"}),
                          make_certificate(at("c"), {.names = "DNS:one.other.example"})}});
  EXPECT_EQ(shown_to(nullptr), "first.example");
  EXPECT_EQ(shown_to("unknown.example"), "first.example");
  EXPECT_EQ(shown_to("FIRST.example"), "first.example");
  EXPECT_EQ(shown_to("x.other.example"), "*.other.example");
}

TEST_F(TlsTest, ShowsWhicheverKindOfKeyTheClientUnderstands) {
  start({.certificates = {make_certificate(at("a")), make_certificate(at("b"), {.rsa = true})}});
  for (const auto& [algorithms, kind] :
       {std::pair("ECDSA+SHA256", EVP_PKEY_EC), std::pair("RSA-PSS+SHA256", EVP_PKEY_RSA)}) {
    TlsClient client(port());
    SSL_CTX_set1_sigalgs_list(client.context(), algorithms);
    ASSERT_TRUE(client.shake_hands()) << algorithms;
    EXPECT_EQ(EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(client.ssl()))), kind);
  }
}

TEST_F(TlsTest, SaysThatItSpeaksHttp2) {
  start(make_certificate(at("a")));
  const auto chosen = [&](std::string_view offered) {
    TlsClient client(port());
    SSL_CTX_set_alpn_protos(client.context(), reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
    EXPECT_TRUE(client.shake_hands());
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.ssl(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  };
  EXPECT_EQ(chosen("\x08http/1.1\x02h2"), "h2");
  EXPECT_EQ(chosen("\x08http/1.1"), "http/1.1");
  EXPECT_EQ(chosen("\x03xyz"), "");
}

TEST_F(TlsTest, SpeaksTheVersionsItIsTold) {
  start({.certificates = {make_certificate(at("a"))}, .versions = {.tls1_1 = true, .tls1_2 = true, .tls1_3 = false}});
  for (const auto& [version, works] : {std::pair(TLS1_VERSION, false), std::pair(TLS1_1_VERSION, true),
                                       std::pair(TLS1_2_VERSION, true), std::pair(TLS1_3_VERSION, false)}) {
    TlsClient client(port());
    SSL_CTX_set_cipher_list(client.context(), "DEFAULT:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(client.context(), version);
    SSL_CTX_set_max_proto_version(client.context(), version);
    EXPECT_EQ(client.shake_hands(), works) << version;
  }
}

TEST_F(TlsTest, TakesAClientBackWithATicket) {
  start(make_certificate(at("a")));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_SESSION* session = nullptr;
    {
      TlsClient client(port());
      SSL_CTX_set_max_proto_version(client.context(), version);
      ASSERT_TRUE(client.shake_hands());
      client.write(get("/"));
      client.read_all();  // with the ticket of TLS 1.3
      session = SSL_get1_session(client.ssl());
    }
    // Also over a change of certificates.
    make_certificate(at("a"));
    server().refresh();
    server().refresh();
    TlsClient client(port());
    SSL_CTX_set_max_proto_version(client.context(), version);
    ASSERT_TRUE(client.shake_hands(nullptr, session));
    EXPECT_EQ(SSL_session_reused(client.ssl()), 1) << version;
    SSL_SESSION_free(session);
  }
  EXPECT_EQ(counters([](const auto& c) { return c.done == 4; }).resumed, 2);
}

TEST_F(TlsTest, GoesOnWithNewFilesAndNotWithBrokenOnes) {
  const auto files = make_certificate(at("a"), {.names = "DNS:old"});
  start(files);
  TlsClient before(port());
  ASSERT_TRUE(before.shake_hands());
  server().refresh();
  EXPECT_EQ(shown_to(nullptr), "old");

  make_certificate(at("a"), {.names = "DNS:new"});
  server().refresh();
  EXPECT_EQ(shown_to(nullptr), "old");  // until the files lie still
  server().refresh();
  EXPECT_EQ(shown_to(nullptr), "new");

  std::ofstream(files.key) << "broken";
  for (int i = 0; i < 3; ++i) server().refresh();
  EXPECT_EQ(shown_to(nullptr), "new");
  std::filesystem::remove(files.certificate);
  for (int i = 0; i < 3; ++i) server().refresh();
  EXPECT_EQ(shown_to(nullptr), "new");

  make_certificate(at("a"), {.names = "DNS:newest"});
  for (int i = 0; i < 2; ++i) server().refresh();
  EXPECT_EQ(shown_to(nullptr), "newest");

  EXPECT_TRUE(before.write(get("/still")));
  EXPECT_THAT(before.read_all(), testing::HasSubstr("/still|"));
}

TEST_F(TlsTest, EndsWhatIsNoHandshake) {
  start(make_certificate(at("a")));
  TlsClient client(port());
  ASSERT_EQ(::send(client.fd(), get("/").data(), get("/").size(), 0), get("/").size());
  std::array<char, 64> buffer{};
  EXPECT_LE(::recv(client.fd(), buffer.data(), buffer.size(), MSG_WAITALL), 7);  // an alert at most
  EXPECT_EQ(counters([](const auto& c) { return c.failed == 1; }).failed, 1);
}

TEST_F(TlsTest, TheAlertForOneGoesToNobodyElse) {
  start(make_certificate(at("a")));
  TlsClient client(port());
  ASSERT_TRUE(client.shake_hands());
  // A request and, read in one with it, a record that nobody sealed.
  const int together = 1;
  ::setsockopt(client.fd(), IPPROTO_TCP, TCP_CORK, &together, sizeof together);
  ASSERT_TRUE(client.write("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"));
  std::string garbage("\x17\x03\x03\x00\x20", 5);
  garbage.append(32, 'x');
  ASSERT_EQ(::send(client.fd(), garbage.data(), garbage.size(), 0), garbage.size());
  const int now = 0;
  ::setsockopt(client.fd(), IPPROTO_TCP, TCP_CORK, &now, sizeof now);
  client.read_all();

  TlsClient other(port());
  ASSERT_TRUE(other.shake_hands());
  ASSERT_TRUE(other.write(get("/b")));
  EXPECT_THAT(other.read_all(), testing::HasSubstr("/b|"));
}

TEST_F(TlsTest, EndsAFloodOfKeyUpdates) {
  std::signal(SIGPIPE, SIG_IGN);  // the client will write to a connection that is gone
  start(make_certificate(at("a")));
  TlsClient client(port());
  ASSERT_TRUE(client.shake_hands());
  for (int i = 0; i < 40; ++i) {
    SSL_key_update(client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
    ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
  }
  TlsClient other(port());
  ASSERT_TRUE(other.shake_hands());
  EXPECT_EQ(counters([](const auto& c) { return c.done == 2; }).floods, 0);
  for (int i = 0; i < 400; ++i) {
    SSL_key_update(client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
    if (SSL_do_handshake(client.ssl()) != 1) break;
  }
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(counters([](const auto& c) { return c.floods == 1; }).floods, 1);
}

TEST_F(TlsTest, EndsAHandshakeThatTakesTooLong) {
  set_handshake_timeout(milliseconds(50));
  start(make_certificate(at("a")));
  TlsClient silent(port());
  TlsClient dribbles(port());
  ::send(dribbles.fd(), "\x16\x03\x01", 3, MSG_NOSIGNAL);
  char byte = 0;
  // What he was about to say may be lost with the connection.
  EXPECT_LE(::recv(silent.fd(), &byte, 1, 0), 0);
  EXPECT_LE(::recv(dribbles.fd(), &byte, 1, 0), 0);
  EXPECT_EQ(counters([](const auto& c) { return c.too_slow == 2; }).too_slow, 2);
}

TEST_F(TlsTest, LetsNobodyFillTheRoomForHandshakes) {
  start(make_certificate(at("a")));
  std::vector<std::unique_ptr<TlsClient>> silent;
  for (int i = 0; i < 5; ++i) silent.push_back(std::make_unique<TlsClient>(port()));  // three have room
  counters([](const auto& c) { return c.crowded_out == 2; });
  TlsClient client(port());
  EXPECT_TRUE(client.shake_hands());
  EXPECT_EQ(counters([](const auto& c) { return c.done == 1; }).crowded_out, 3);
}

TEST_F(TlsTest, NeedsACertificate) {
  EXPECT_FALSE(TlsServer::create({}));
  const auto made = TlsServer::create({.certificates = {{.certificate = at("no.crt"), .key = at("no.key")}}});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error(), testing::HasSubstr("no.crt: cannot be read: No such file"));
}

}  // namespace
}  // namespace sluice::net
