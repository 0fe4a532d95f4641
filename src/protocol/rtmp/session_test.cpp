#include "protocol/rtmp/session.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <array>

#include "protocol/rtmp/client_protocol.hpp"
#include "stream/test_server.hpp"

namespace sluice::rtmp {
namespace {

using std::chrono::milliseconds;
using stream::test::kSecond;
using stream::test::until;

/// A player of a stream, with both ends of its connection on the shard of the test.
class Player {
 public:
  Player(stream::Registry& registry, access::Sessions& sessions, std::string name)
      : protocol_({.app = "static", .key = std::move(name), .tc_url = "rtmp://localhost/static"}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    scope_.spawn(serve(*net::TcpSocket::adopt(ends[0], "10.0.0.2"), registry, sessions));
    socket_.emplace(*net::TcpSocket::adopt(ends[1], "server"));
    scope_.spawn(run());
  }

  /// `pause` of Adobe RTMP 1.0 section 7.2.2.9.
  void pause(bool on) {
    ByteWriter w(protocol_.output());
    write_command(w, kMediaStream, {.name = "pause", .object = amf::Null{}, .arguments = {on, 0}});
    scope_.spawn(send());
  }
  [[nodiscard]] bool was_told(std::string_view code) const { return got_.find(code) != std::string::npos; }

  std::vector<std::uint32_t> pictures;  // their stamps in ms

 private:
  Task<void> run() {
    Bytes buffer(65'536);
    for (;;) {
      co_await send();
      const auto n = co_await socket_->read_some(buffer, SteadyTime::max());
      if (!n) co_return;
      BytesView in = BytesView(buffer).first(*n);
      got_ += as_text(in);
      for (;;) {
        auto event = protocol_.next(in);
        if (!event || !*event) break;
        const auto* message = std::get_if<flv::Message>(&**event);
        // Byte 1 of a video body is 1 in a picture: Adobe FLV annex E.4.3.1.
        if (message == nullptr || message->type != flv::Message::Type::video) continue;
        if (message->body.view()[1] == std::byte{1}) pictures.push_back(message->timestamp);
      }
    }
  }
  Task<void> send() {
    const Bytes out = std::exchange(protocol_.output(), {});
    if (!out.empty()) EXPECT_TRUE(co_await socket_->send(out, stream::test::Server::soon()));
  }

  ClientProtocol protocol_;
  std::optional<net::TcpSocket> socket_;
  std::string got_;
  TaskScope scope_;
};

void run_with_stream(const std::function<Task<void>(stream::test::Server&)>& body) {
  stream::StreamPlan plan;
  plan.streams = {stream::test::published("a")};
  stream::test::Server server(std::move(plan), 1);
  server.run([&] { return body(server); });
}

const media::Tracks kTracks = stream::test::tracks({"h264", "aac"});

TEST(RtmpSession, WhoWaitsForThePublisherIsAViewer) {
  run_with_stream([](stream::test::Server& server) -> Task<void> {
    access::Sessions sessions;
    const auto viewers = [&] {
      std::size_t count = 0;
      for (std::size_t slot = 0; slot < sessions.size(); ++slot) count += sessions.at(slot, {}) ? 1 : 0;
      return count;
    };
    {
      Player player(server[0], sessions, "a");
      co_await until([&] { return viewers() == 1; }, "the viewer");
      EXPECT_FALSE(player.was_told("NetStream.Play.Start"));
      const auto source = co_await server.publish("a", kTracks);
      source->send_until(kSecond);
      co_await until([&] { return player.pictures.size() == 25; }, "a second of pictures");
      EXPECT_EQ(viewers(), 1u);
      Player stranger(server[0], sessions, "nobody");
      co_await until([&] { return stranger.was_told("NetStream.Play.StreamNotFound"); }, "the refusal");
      EXPECT_EQ(viewers(), 1u);
    }
    EXPECT_EQ(viewers(), 0u);
  });
}

TEST(RtmpSession, APlayerMayPause) {
  run_with_stream([](stream::test::Server& server) -> Task<void> {
    access::Sessions sessions;
    const auto source = co_await server.publish("a", kTracks);
    source->send_until(kSecond / 2);
    Player player(server[0], sessions, "a");
    co_await until([&] { return player.pictures.size() >= 12; }, "half a second");

    player.pause(true);
    co_await until([&] { return player.was_told("NetStream.Pause.Notify"); }, "the word that it pauses");
    const auto seen = player.pictures.size();
    source->send_until(kSecond * 8 / 10);
    for (int turn = 0; turn < 20; ++turn) co_await yield();
    EXPECT_EQ(player.pictures.size(), seen);
    player.pause(false);
    co_await until([&] { return player.was_told("NetStream.Unpause.Notify"); }, "the word that it goes on");
    co_await until([&] { return player.pictures.size() == 20; }, "what it missed, without a keyframe since");

    player.pause(true);
    player.pause(true);
    for (int turn = 0; turn < 20; ++turn) co_await yield();
    source->send_until(kSecond * 26 / 10);
    player.pause(false);
    co_await until([&] { return player.pictures.size() == 35; }, "what is live");
    for (std::size_t i = 1; i < player.pictures.size(); ++i) {
      const auto step = player.pictures[i] - player.pictures[i - 1];
      EXPECT_EQ(step, i == 20 ? 2000u - 760u : 40u) << i;  // from the last before the pause to the newest keyframe
    }
  });
}

}  // namespace
}  // namespace sluice::rtmp
