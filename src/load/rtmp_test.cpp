// Publishers and RTMP viewers against a relay in this process, which loses what it is told to lose.

#include <gtest/gtest.h>

#include "load/report.hpp"
#include "load/run.hpp"
#include "load/test_clip.hpp"
#include "net/socket.hpp"
#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/server_protocol.hpp"

namespace sluice::load {
namespace {

using rtmp::ServerProtocol;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Takes one stream in and hands all of it to everybody who plays.
class RtmpRelay {
 public:
  struct Options {
    int lose = 0;       ///< the number of a picture, from 1, that is not passed on
    int end_after = 0;  ///< pictures, after which the players are told that it is over; 0: never
    bool refuse_publish = false;
    bool refuse_play = false;
  };

  RtmpRelay(Shard& shard, Options options)
      : options_(options), listener_(net::TcpListener::listen(shard, "127.0.0.1", 0).value()) {
    shard.post([this] { scope_.spawn(accept()); });
  }

  [[nodiscard]] std::string url() const { return "rtmp://127.0.0.1:" + std::to_string(listener_.port()) + "/live/a"; }
  void stop() { scope_.cancel(); }
  [[nodiscard]] const std::vector<flv::Message>& messages() const { return messages_; }

 private:
  Task<void> accept() {
    for (;;) {
      auto accepted = co_await listener_.accept();
      if (!accepted) co_return;
      auto socket = net::TcpSocket::adopt(accepted->fd, accepted->peer);
      if (socket) scope_.spawn(serve(std::move(*socket)));
    }
  }

  Task<void> serve(net::TcpSocket socket) {
    ServerProtocol protocol;
    Bytes buffer(65'536);
    bool playing = false;
    while (!playing) {
      const auto n = co_await socket.read_some(buffer, Shard::current().now() + seconds(10));
      if (!n) co_return;
      BytesView in = BytesView(buffer).first(*n);
      for (;;) {
        auto event = protocol.next(in);
        if (!event || !*event) break;
        playing = answer(protocol, **event) || playing;
      }
      const Bytes out = std::exchange(protocol.output(), Bytes());
      co_await socket.send(out, Shard::current().now() + seconds(10));
    }
    co_await play(socket, protocol);
  }

  /// True where the client plays from now on.
  bool answer(ServerProtocol& protocol, ServerProtocol::Event& event) {
    if (std::holds_alternative<ServerProtocol::Connect>(event)) protocol.accept_connect();
    if (std::holds_alternative<ServerProtocol::Publish>(event)) {
      options_.refuse_publish ? protocol.refuse_publish(ServerProtocol::PublishRefusal::denied, "no")
                              : protocol.accept_publish();
    }
    if (std::holds_alternative<ServerProtocol::Play>(event)) {
      if (options_.refuse_play) {
        protocol.refuse_play(ServerProtocol::PlayRefusal::not_found, "no");
      } else {
        protocol.accept_play();
        return true;
      }
    }
    if (auto* message = std::get_if<flv::Message>(&event)) take(std::move(*message));
    return false;
  }

  void take(flv::Message message) {
    // Byte 1 of a video body is 0 in a sequence header and 1 in a picture: Adobe FLV annex E.4.3.1.
    const bool picture = message.type == flv::Message::Type::video && message.body.view()[1] == std::byte{1};
    if (picture && ++pictures_ == options_.lose) return;
    messages_.push_back(std::move(message));
    news_.notify_all();
  }

  Task<void> play(net::TcpSocket& socket, ServerProtocol& protocol) {
    for (std::size_t at = 0;;) {
      Bytes out;
      ByteWriter w(out);
      for (; at < messages_.size(); ++at) {
        const BytesView body = messages_[at].body.view();
        rtmp::write_message(w, rtmp::media_header(messages_[at].type, messages_[at].timestamp, 1), std::span(&body, 1));
      }
      const bool over = options_.end_after > 0 && pictures_ >= options_.end_after;
      if (over) {
        protocol.end_play(ServerProtocol::PlayEnd::unpublished);
        out.insert(out.end(), protocol.output().begin(), protocol.output().end());
      }
      if (!co_await socket.send(out, Shard::current().now() + seconds(10)) || over) co_return;
      co_await news_.wait();
    }
  }

  Options options_;
  net::TcpListener listener_;
  std::vector<flv::Message> messages_;
  int pictures_ = 0;
  Event news_;
  TaskScope scope_;
};

Task<void> drive(Run& run, RtmpRelay& relay, Shards& shards) {
  co_await run.run();
  relay.stop();
  shards.stop();
}

Report run_through(RtmpRelay::Options relay_options, unsigned viewers, milliseconds window = seconds(20)) {
  Shards shards(1);
  RtmpRelay relay(shards[0], relay_options);
  auto target = parse_target(relay.url()).value();
  EXPECT_TRUE(resolve(target));
  Run run({.publish = {target},
           .clip = Clip::read(test_flv({.gops = 1, .gop = 5})).value(),
           .play = viewers > 0 ? std::vector<Target>{target} : std::vector<Target>{},
           .viewers = viewers,
           .settle = milliseconds(20),
           .window = window});
  TaskScope scope;
  shards[0].post([&] { scope.spawn(drive(run, relay, shards)); });
  shards.run();
  return make_report(run);
}

TEST(Rtmp, PublishesAndPlaysEveryFrameInItsTime) {
  const auto report = run_through({.end_after = 15}, 7);
  EXPECT_EQ(report.publishers.publishing, 1u);
  EXPECT_EQ(report.publishers.error, "");
  EXPECT_EQ(report.total.ended, 5u);
  EXPECT_EQ(report.total.dropped, 2u);  // those who look at no message see the connection end, and not why
  EXPECT_EQ(report.total.parsed, 5u);
  EXPECT_EQ(report.total.video_frames, 5u * 15);
  EXPECT_EQ(report.total.lost, 0u);
  EXPECT_EQ(report.total.repeated, 0u);
  EXPECT_EQ(report.total.delay.count(), 5u * 15);
  EXPECT_EQ(report.total.startup.count(), 7u);
  // The fifteenth picture is due 14 pictures of 40 ms after the first.
  EXPECT_GE(report.window.length, milliseconds(14 * 40 - 30));
}

TEST(Rtmp, SeesTheFrameThatARelayLoses) {
  const auto report = run_through({.lose = 8, .end_after = 12}, 2);
  EXPECT_EQ(report.total.lost, 2u);
  EXPECT_EQ(report.total.repeated, 0u);
  EXPECT_EQ(report.total.video_frames, 2u * 11);
}

TEST(Rtmp, SeesRefusals) {
  const auto publish = run_through({.refuse_publish = true}, 0);
  EXPECT_EQ(publish.publishers.publishing, 0u);
  EXPECT_EQ(publish.publishers.error, "the server refused");
  EXPECT_TRUE(publish.faulty());

  const auto play = run_through({.refuse_play = true}, 3);
  EXPECT_EQ(play.total.refused, 3u);
  EXPECT_TRUE(play.faulty());
}

}  // namespace
}  // namespace sluice::load
