#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <thread>

#include "core/shard.hpp"
#include "net/http2_server.hpp"
#include "net/http_server.hpp"
#include "net/test_tls.hpp"

namespace sluice::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

/// A client that blocks, for the thread of the test.
class Client {
 public:
  struct Answer {
    std::map<std::string, std::string> fields;
    std::string body;
    std::optional<std::uint32_t> closed;  // by the error code
  };

  explicit Client(std::uint16_t port, std::uint32_t window = 1 << 20) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = 20};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &on_close);
    nghttp2_option* options = nullptr;
    nghttp2_option_new(&options);
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_session_client_new2(&session_, callbacks, this, options);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(options);
    const nghttp2_settings_entry setting{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &setting, 1);
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, 1 << 24);
  }
  Client(const Client&) = delete;
  ~Client() {
    nghttp2_session_del(session_);
    ::close(fd_);
  }

  std::int32_t ask(std::string_view path, std::vector<std::pair<std::string, std::string>> more = {},
                   std::string_view method = "GET", std::string_view body = {}) {
    std::vector<std::pair<std::string, std::string>> all{
        {":method", std::string(method)}, {":path", std::string(path)}, {":scheme", "http"}, {":authority", "h"}};
    all.insert(all.end(), more.begin(), more.end());
    std::vector<nghttp2_nv> fields;
    for (auto& [name, value] : all) {
      fields.push_back({reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()),
                        name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    upload_ = body;
    nghttp2_data_provider provider{.source = {.ptr = this}, .read_callback = &upload};
    const auto id = nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                           body.empty() ? nullptr : &provider, nullptr);
    EXPECT_GT(id, 0);
    return id;
  }
  void reset(std::int32_t id) { nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL); }
  void allow(std::int32_t id, int bytes) { nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, id, bytes); }
  Answer& answer(std::int32_t id) { return answers_[id]; }

  void send() {
    const std::uint8_t* data = nullptr;
    for (ssize_t n = 0; (n = nghttp2_session_mem_send(session_, &data)) > 0;)
      send_raw({reinterpret_cast<const char*>(data), static_cast<std::size_t>(n)});
  }
  /// Bytes of no session's.
  void send_raw(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;  // the server has had enough
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  /// Sends and receives until `done` or the end of the connection.
  bool run_until(const std::function<bool()>& done) {
    std::array<std::uint8_t, 16384> buffer;
    for (;;) {
      send();
      if (done()) return true;
      const auto n = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (n <= 0) return false;
      EXPECT_GE(nghttp2_session_mem_recv(session_, buffer.data(), static_cast<std::size_t>(n)), 0);
    }
  }
  Answer& finish(std::int32_t id) {
    EXPECT_TRUE(run_until([&] { return answer(id).closed.has_value(); })) << id;
    return answer(id);
  }
  Answer get(std::string_view path, std::vector<std::pair<std::string, std::string>> more = {}) {
    return finish(ask(path, std::move(more)));
  }
  /// Says no more and reads frames to the end of the connection, of no session's: why the server ended it, if it said
  /// so.
  std::optional<std::uint32_t> read_goodbye() {
    ::shutdown(fd_, SHUT_WR);
    std::string all;
    std::array<char, 16384> buffer{};
    for (ssize_t n = 0; (n = ::recv(fd_, buffer.data(), buffer.size(), 0)) > 0;) {
      all.append(buffer.data(), static_cast<std::size_t>(n));
    }
    ByteReader in(as_bytes(all));
    while (in.ok()) {
      const auto size = in.be24();
      const auto type = in.u8();
      in.bytes(5);  // flags and stream
      ByteReader payload(in.bytes(size));
      if (!in.ok() || type != NGHTTP2_GOAWAY) continue;
      payload.be32();
      return payload.be32();
    }
    return {};
  }

 private:
  static Client& self(void* user) { return *static_cast<Client*>(user); }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    self(user).answers_[frame->hd.stream_id].fields.emplace(
        std::string(reinterpret_cast<const char*>(name), name_size),
        std::string(reinterpret_cast<const char*>(value), value_size));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size,
                     void* user) {
    self(user).answers_[id].body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error_code, void* user) {
    self(user).answers_[id].closed = error_code;
    return 0;
  }
  static ssize_t upload(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t most, std::uint32_t* flags,
                        nghttp2_data_source*, void* user) {
    std::string& rest = self(user).upload_;
    const auto n = std::min(most, rest.size());
    std::memcpy(into, rest.data(), n);
    rest.erase(0, n);
    if (rest.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(n);
  }

  int fd_ = -1;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Answer> answers_;
  std::string upload_;
};

/// A server on a port of loopback, on one shard.
class Http2Test : public testing::Test {
 protected:
  ~Http2Test() override { stop(); }

  /// For a test whose handler uses what ends before this.
  void stop() {
    if (!thread_.joinable()) return;
    shards_[0].post([this] { scope_.cancel(); });
    shards_.stop();
    thread_.join();
  }
  std::uint16_t start(HttpHandler handler) {
    handler_ = std::move(handler);
    auto listener = TcpListener::listen(shards_[0], "127.0.0.1", 0);
    const auto port = listener.value().port();
    shards_[0].post([this, l = std::move(*listener)]() mutable { scope_.spawn(accept(std::move(l))); });
    thread_ = std::thread([this] { shards_.run(); });
    return port;
  }
  /// What `f` returns on the shard.
  template <class F>
  auto on_shard(F f) {
    std::promise<std::invoke_result_t<F&>> out;
    shards_[0].post([&] { out.set_value(f()); });
    return out.get_future().get();
  }
  Http2Counters counters() {
    return on_shard([this] { return counters_; });
  }
  bool becomes_true(const std::function<bool()>& condition) {
    for (const auto until = std::chrono::steady_clock::now() + seconds(20); !condition();) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }
  /// Has a client flood a server, who must end that for the right reason.
  void expect_flood(std::uint64_t Http2Counters::* counter, const std::function<void(Client&)>& flood);

  static Task<HttpResponse> echo(const HttpRequest& request) {
    co_return HttpResponse::text(200, std::string(request.method) + " " + request.path + "?" +
                                          std::string(request.query) + " " + std::string(request.host) + " " +
                                          std::string(request.user_agent) + " " + std::string(request.body));
  }

 private:
  Task<void> accept(TcpListener listener) {
    for (;;) {
      auto accepted = co_await listener.accept();
      if (!accepted) co_return;
      scope_.spawn(serve_http(std::move(*TcpSocket::adopt(accepted->fd, accepted->peer)), handler_, &counters_));
    }
  }

  Shards shards_{1};
  HttpHandler handler_;
  Http2Counters counters_;
  TaskScope scope_;
  std::thread thread_;
};

TEST_F(Http2Test, AnswersRequests) {
  Client client(start(echo));
  const auto answer = client.get("/a%20b?x=1", {{"user-agent", "test"}});
  EXPECT_EQ(answer.body, "GET /a b?x=1 h test ");
  EXPECT_EQ(answer.fields.at(":status"), "200");
  EXPECT_EQ(answer.fields.at("content-type"), "text/plain");
  EXPECT_EQ(answer.fields.at("content-length"), std::to_string(answer.body.size()));
  EXPECT_EQ(answer.fields.at("access-control-allow-origin"), "*");
  EXPECT_FALSE(answer.fields.contains("connection"));

  const auto head = client.finish(client.ask("/a", {}, "HEAD"));
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.fields.at("content-length"), "12");
  const auto put = client.finish(client.ask("/a", {}, "PUT", "uploaded"));
  EXPECT_THAT(put.body, HasSubstr("PUT /a? h  uploaded"));
  EXPECT_EQ(client.get("/%zz").fields.at(":status"), "400");
}

TEST_F(Http2Test, AnswersAKnownETagWithoutBody) {
  Client client(start([](const HttpRequest&) -> Task<HttpResponse> {
    HttpResponse response = HttpResponse::text(200, "body");
    response.etag = "\"v1\"";
    co_return response;
  }));
  const auto answer = client.get("/", {{"if-none-match", "\"v1\""}});
  EXPECT_EQ(answer.fields.at(":status"), "304");
  EXPECT_EQ(answer.body, "");
}

TEST_F(Http2Test, SendsMuchHoweverSmallTheWindow) {
  std::string expected;
  for (int i = 0; i < 1'000'000; ++i) expected += static_cast<char>('a' + (i * 7 + i / 1000) % 26);
  test::TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << expected;
  const int fd = ::open((folder.path() / "file").c_str(), O_RDONLY | O_CLOEXEC);
  const auto port = start([&](const HttpRequest& request) -> Task<HttpResponse> {
    auto log = std::make_shared<ByteLog>(*ByteLog::create(Shard::current().arena()));
    EXPECT_TRUE(log->append(as_bytes(expected)));
    HttpResponse response;
    std::size_t from = 0;
    for (std::size_t size = 1; from < expected.size(); from += size, size = size * 3 / 2 + 1) {
      size = std::min(size, expected.size() - from);
      if (request.path == "/file") {
        response.body.ranges.push_back({.fd = fd, .offset = from, .length = size});
      } else {
        for (const Range& range : log->ranges(from, size)) response.body.ranges.push_back(range);
      }
    }
    response.body.lease = log;
    co_return response;
  });
  for (const char* path : {"/file", "/memory"}) {
    Client wide(port);
    EXPECT_EQ(wide.get(path).body, expected);
    Client narrow(port, 1000);
    const auto id = narrow.ask(path);
    std::size_t allowed = 1000;
    while (allowed < expected.size()) {
      ASSERT_TRUE(narrow.run_until([&] { return narrow.answer(id).body.size() == allowed; }));
      narrow.allow(id, 70'001);
      allowed = std::min(allowed + 70'001, expected.size());
    }
    EXPECT_EQ(narrow.finish(id).body, expected);
  }
  stop();
  ::close(fd);
}

TEST_F(Http2Test, LetsRequestsWaitWhileOthersAreAnswered) {
  Event event;
  int waiting = 0;
  struct Leave {
    int& count;
    ~Leave() { --count; }
  };
  const auto port = start([&](const HttpRequest& request) -> Task<HttpResponse> {
    if (request.path == "/wait") {
      ++waiting;
      const Leave leave{waiting};
      co_await event.wait();
    }
    co_return co_await echo(request);
  });
  Client client(port);
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(client.ask("/wait"));
  EXPECT_THAT(client.get("/other").body, HasSubstr("/other"));
  EXPECT_EQ(on_shard([&] { return waiting; }), 20);
  // One who has had enough leaves nothing behind.
  client.reset(ids[3]);
  client.send();
  EXPECT_TRUE(becomes_true([&] { return on_shard([&] { return waiting == 19; }); }));
  on_shard([&] {
    event.notify_all();
    return 0;
  });
  for (const auto id : ids) {
    if (id != ids[3]) EXPECT_THAT(client.finish(id).body, HasSubstr("/wait"));
  }
  EXPECT_EQ(counters().reset_by_peer, 1);
  stop();
}

/// Sends a count of its own pieces, as a flow does, then ends.
class Flow final : private IoObserver {
 public:
  Flow(TcpSocket& socket, std::size_t pieces) : socket_(socket), pieces_(pieces) { socket.observe_writable(this); }
  ~Flow() { socket_.observe_writable(nullptr); }
  Task<void> run() {
    for (std::size_t i = 0; i < pieces_; ++i) {
      const std::string piece = std::string(1 + i * 37 % 5000, static_cast<char>('a' + i % 26));
      Range rest{.length = piece.size(), .memory = as_bytes(piece).data()};
      while (rest.length > 0) {
        const auto n = socket_.send_now(rest);
        if (!n) co_return;
        rest.drop_front(*n);
        if (*n == 0) {
          ++waits;
          co_await room_.wait();
        }
      }
      if (i % 7 == 0) co_await yield();
    }
  }
  static std::string all(std::size_t pieces) {
    std::string out;
    for (std::size_t i = 0; i < pieces; ++i) out += std::string(1 + i * 37 % 5000, static_cast<char>('a' + i % 26));
    return out;
  }
  int waits = 0;

 private:
  void on_io(std::uint32_t) override { room_.notify_all(); }
  TcpSocket& socket_;
  std::size_t pieces_;
  Event room_;
};

TEST_F(Http2Test, GivesAStreamToAnAnswerThatTakesItsConnectionOver) {
  int waits = 0;
  const auto port = start([&](const HttpRequest&) -> Task<HttpResponse> {
    HttpResponse response;
    response.takeover = [&waits](TcpSocket& socket) -> Task<void> {
      Flow flow(socket, 400);
      co_await flow.run();
      waits = flow.waits;
    };
    co_return response;
  });
  Client wide(port);
  const auto answer = wide.get("/");
  EXPECT_EQ(answer.body, Flow::all(400));
  EXPECT_EQ(answer.closed, NGHTTP2_NO_ERROR);
  EXPECT_FALSE(answer.fields.contains("content-length"));

  Client narrow(port, 1000);
  const auto id = narrow.ask("/");
  const auto expected = Flow::all(400);
  for (std::size_t allowed = 1000; allowed < expected.size(); allowed += 10'007) {
    ASSERT_TRUE(narrow.run_until([&] { return narrow.answer(id).body.size() == allowed; }));
    narrow.allow(id, 10'007);
  }
  EXPECT_EQ(narrow.finish(id).body, expected);
  stop();
  EXPECT_GT(waits, 50);
}

TEST_F(Http2Test, EndsAFlowWhoseViewerLeaves) {
  int running = 0;
  const auto port = start([&](const HttpRequest&) -> Task<HttpResponse> {
    HttpResponse response;
    response.takeover = [&](TcpSocket& socket) -> Task<void> {
      ++running;
      struct Leave {
        int& count;
        ~Leave() { --count; }
      } leave{running};
      EXPECT_TRUE(socket.send_now({.length = 2, .memory = as_bytes("hi").data()}));
      std::array<std::byte, 64> ignored;
      co_await socket.read_some(ignored, SteadyTime::max());
    };
    co_return response;
  });
  Client client(port);
  const auto one = client.ask("/");
  const auto two = client.ask("/");
  ASSERT_TRUE(client.run_until([&] { return client.answer(one).body == "hi" && client.answer(two).body == "hi"; }));
  client.reset(one);
  client.send();
  EXPECT_TRUE(becomes_true([&] { return on_shard([&] { return running == 1; }); }));
  EXPECT_FALSE(client.answer(two).closed);
  stop();
}

TEST_F(Http2Test, RefusesWhatIsTooLarge) {
  const auto port = start(echo);
  Client client(port);
  EXPECT_EQ(client.get("/", {{"x", std::string(17'000, 'x')}}).fields.at(":status"), "431");
  EXPECT_EQ(client.finish(client.ask("/", {}, "PUT", std::string(1'100'000, 'x'))).fields.at(":status"), "413");
  EXPECT_EQ(client.get("/").fields.at(":status"), "200");
}

void Http2Test::expect_flood(std::uint64_t Http2Counters::* counter, const std::function<void(Client&)>& flood) {
  Client client(start([](const HttpRequest&) -> Task<HttpResponse> {
    co_await sleep_for(seconds(60));
    co_return HttpResponse::text(200, "late");
  }));
  client.send();
  flood(client);
  EXPECT_EQ(client.read_goodbye(), NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_EQ(counters().*counter, 1);
  EXPECT_EQ(counters().protocol_errors, 0);
}

std::string raw_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t id, std::string_view payload = {}) {
  std::string out;
  for (const auto byte : {payload.size() >> 16, payload.size() >> 8, payload.size()}) out += static_cast<char>(byte);
  out += {static_cast<char>(type), static_cast<char>(flags)};
  for (const auto byte : {id >> 24, id >> 16, id >> 8, id}) out += static_cast<char>(byte);
  return out + std::string(payload);
}

// :method GET, :scheme http, :path /, :authority h
constexpr std::string_view kGet = "\x82\x86\x84\x01\x01h";

TEST_F(Http2Test, EndsARapidReset) {
  expect_flood(&Http2Counters::floods_of_resets, [](Client& client) {
    std::string all;
    for (std::uint32_t id = 1; id < 1001; id += 2) {
      all += raw_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, id, kGet);
      all += raw_frame(NGHTTP2_RST_STREAM, 0, id, std::string_view("\0\0\0\x08", 4));
    }
    client.send_raw(all);
  });
}

TEST_F(Http2Test, EndsAFloodOfSettings) {
  expect_flood(&Http2Counters::floods_of_settings, [](Client& client) {
    for (int i = 0; i < 100; ++i) client.send_raw(raw_frame(NGHTTP2_SETTINGS, 0, 0));
  });
}

TEST_F(Http2Test, EndsAFloodOfPings) {
  expect_flood(&Http2Counters::floods_of_pings, [](Client& client) {
    std::string all;
    for (int i = 0; i < 300; ++i) all += raw_frame(NGHTTP2_PING, 0, 0, "12345678");
    client.send_raw(all);
  });
}

TEST_F(Http2Test, EndsAFloodOfEmptyFrames) {
  expect_flood(&Http2Counters::floods_of_empty_frames, [](Client& client) {
    std::string all = raw_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, kGet);
    for (int i = 0; i < 200; ++i) all += raw_frame(NGHTTP2_DATA, 0, 1);
    client.send_raw(all);
  });
}

TEST_F(Http2Test, EndsAFloodOfContinuations) {
  expect_flood(&Http2Counters::floods_of_continuations, [](Client& client) {
    std::string all = raw_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, kGet);
    for (int i = 0; i < 100; ++i) all += raw_frame(NGHTTP2_CONTINUATION, 0, 1);
    client.send_raw(all);
  });
}

TEST_F(Http2Test, EndsAFloodOfWindowUpdates) {
  expect_flood(&Http2Counters::floods_of_others, [](Client& client) {
    std::string all;
    for (int i = 0; i < 2000; ++i) all += raw_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, std::string_view("\0\0\0\x01", 4));
    client.send_raw(all);
  });
}

TEST_F(Http2Test, EndsAHeadThatDoesNotEnd) {
  expect_flood(&Http2Counters::too_long_heads, [](Client& client) {
    // A field of 4,000 bytes that goes into the table, and then its one byte again and again.
    std::string block(kGet);
    block += "\x40\x01x\x7f\xa1\x1e" + std::string(4000, 'x');
    block += std::string(10'000, '\xbe');
    client.send_raw(raw_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1, block));
  });
}

TEST_F(Http2Test, SaysWhatIsWrongAndEnds) {
  Client client(start(echo));
  client.send();
  client.send_raw(raw_frame(NGHTTP2_DATA, 0, 0, "no stream has this number"));
  EXPECT_EQ(client.read_goodbye(), NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(counters().protocol_errors, 1);
}

}  // namespace
}  // namespace sluice::net
