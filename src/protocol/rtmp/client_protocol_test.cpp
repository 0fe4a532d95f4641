#include "protocol/rtmp/client_protocol.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/errc.hpp"
#include "protocol/rtmp/server_protocol.hpp"
#include "protocol/rtmp/test_bytes.hpp"

namespace sluice::rtmp {
namespace {

using namespace test;
using Role = ClientProtocol::Role;
using flv::Message;

std::string text_of(const Message& m) {
  std::size_t sum = 0;
  for (const auto b : m.body.view()) sum = sum * 31 + std::to_integer<std::size_t>(b);
  return fmt::format("{} at {}: {} {}", static_cast<int>(m.type), m.timestamp, m.body.size(), sum);
}

/// What a publisher sends and a player is sent, stamps on both sides of the extended ones.
std::vector<Message> media() {
  using enum Message::Type;
  return {{script, 0, Payload::own(bytes({0x02, 0, 10}) + "onMetaData")},
          {video, 0, Payload::own(pattern(40))},
          {audio, 0, Payload::own(pattern(10))},
          {video, 0xfffff0, Payload::own(pattern(70'000))},
          {audio, 0xffffff, Payload::own(pattern(200))},
          {video, 0x1000010, Payload::own(pattern(200'000))},
          {audio, 0xffffffff, Payload::own(pattern(1))},
          {video, 3, Payload::own(pattern(1000))}};
}

std::vector<std::string> texts(const std::vector<Message>& messages) {
  std::vector<std::string> out;
  std::ranges::transform(messages, std::back_inserter(out), text_of);
  return out;
}

ClientProtocol::Options options(Role role) {
  return {.role = role, .app = "static", .key = "cam/1?token=x", .tc_url = "rtmp://host/static"};
}

/// A client and a server with a wire between them that cuts bytes as it likes.
class Loop {
 public:
  Loop(ClientProtocol::Options client_options, std::vector<std::size_t> cuts)
      : client(std::move(client_options)), cuts_(std::move(cuts)) {}

  /// Carries bytes until there are none.
  void run() {
    while (!client.output().empty() || !server.output().empty()) {
      carry(client.output(), [this](BytesView in) { serve(in); });
      carry(server.output(), [this](BytesView in) { consume(in); });
    }
  }

  ClientProtocol client;
  ServerProtocol server;
  std::vector<std::string> at_server;
  std::vector<std::string> at_client;
  bool refuses = false;

 private:
  template <class To>
  void carry(Bytes& output, To to) {
    const auto sent = std::exchange(output, {});
    for (std::size_t at = 0; at < sent.size();) {
      const auto n = std::min(cuts_[cut_++ % cuts_.size()], sent.size() - at);
      to(BytesView(sent).subspan(at, n));
      at += n;
    }
  }

  void serve(BytesView in) {
    while (true) {
      auto event = server.next(in);
      ASSERT_TRUE(event.has_value()) << event.error().message();
      if (!*event) return;
      std::visit([this](const auto& e) { on(e); }, **event);
    }
  }
  void on(const ServerProtocol::Connect& e) {
    at_server.push_back("connect " + e.app);
    server.accept_connect();
  }
  void on(const ServerProtocol::Publish& e) {
    at_server.push_back("publish " + e.address.name + " " + e.type + " " +
                        std::string(find(e.address.query, "token").value()));
    using enum ServerProtocol::PublishRefusal;
    refuses ? server.refuse_publish(denied, "The password is wrong.") : server.accept_publish();
  }
  void on(const ServerProtocol::Play& e) {
    at_server.push_back("play " + e.address.name);
    using enum ServerProtocol::PlayRefusal;
    if (refuses) return server.refuse_play(not_found, "There is no such stream.");
    server.accept_play();
    ByteWriter w(server.output());
    for (const auto& m : media()) write_message(w, media_header(m.type, m.timestamp), {{m.body.view()}});
    server.end_play(ServerProtocol::PlayEnd::unpublished);
  }
  void on(const ServerProtocol::Pause&) { FAIL(); }
  void on(const ServerProtocol::Stop&) { at_server.push_back("stop"); }
  void on(const Message& m) { at_server.push_back(text_of(m)); }

  void consume(BytesView in) {
    while (true) {
      auto event = client.next(in);
      ASSERT_TRUE(event.has_value()) << event.error().message();
      if (!*event) return;
      std::visit([this](const auto& e) { heard(e); }, **event);
    }
  }
  void heard(const ClientProtocol::Ready&) {
    at_client.push_back("ready");
    if (!at_server.back().starts_with("publish")) return;
    for (const auto& m : media()) {
      const auto half = m.body.size() / 2;
      client.write(m.type, m.timestamp, {{m.body.view().first(half), m.body.view().subspan(half)}});
    }
    client.close();
  }
  void heard(const ClientProtocol::Refused& e) {
    at_client.push_back("refused " + e.code + " " + e.description + e.redirect);
  }
  void heard(const Message& m) { at_client.push_back(text_of(m)); }
  void heard(const ClientProtocol::Ended& e) { at_client.push_back("ended " + e.code); }

  std::vector<std::size_t> cuts_;
  std::size_t cut_ = 0;
};

std::vector<std::string> published() {
  std::vector<std::string> log = {"connect static", "publish cam/1 live x"};
  std::ranges::copy(texts(media()), std::back_inserter(log));
  log.push_back("stop");
  return log;
}

std::vector<std::string> played() {
  std::vector<std::string> log = {"ready"};
  std::ranges::copy(texts(media()), std::back_inserter(log));
  log.push_back("ended NetStream.Play.UnpublishNotify");
  return log;
}

const auto kAnyCuts = [] {
  return *rc::gen::nonEmpty(rc::gen::container<std::vector<std::size_t>>(
      rc::gen::oneOf(rc::gen::inRange<std::size_t>(1, 20), rc::gen::inRange<std::size_t>(1, 5000))));
};

RC_GTEST_PROP(ClientProtocol, PublishesWhateverTheCuts, ()) {
  Loop loop(options(Role::publish), kAnyCuts());
  loop.run();
  RC_ASSERT(loop.at_client == std::vector<std::string>{"ready"});
  RC_ASSERT(loop.at_server == published());
}

RC_GTEST_PROP(ClientProtocol, PlaysWhateverTheCuts, ()) {
  Loop loop(options(Role::play), kAnyCuts());
  loop.run();
  RC_ASSERT(loop.at_client == played());
  RC_ASSERT(loop.at_server == (std::vector<std::string>{"connect static", "play cam/1"}));
}

TEST(ClientProtocol, TellsWhyItWasRefused) {
  Loop publisher(options(Role::publish), {1000});
  publisher.refuses = true;
  publisher.run();
  EXPECT_EQ(publisher.at_client, std::vector<std::string>{"refused NetStream.Publish.Denied The password is wrong."});

  Loop player(options(Role::play), {1000});
  player.refuses = true;
  player.run();
  EXPECT_EQ(player.at_client,
            std::vector<std::string>{"refused NetStream.Play.StreamNotFound There is no such stream."});
}

/// A client that has just heard the answers `answers`, after the handshake.
Result<std::optional<ClientProtocol::Event>> heard(ClientProtocol& client, const std::vector<Command>& answers) {
  Bytes in = bytes({3}) + Bytes(2 * kHandshakeBytes);
  ByteWriter w(in);
  const auto chunk_size = bytes({0, 1, 0, 0});
  write_message(w, {.chunk_stream = 2, .type = MessageType::set_chunk_size}, {{BytesView(chunk_size)}});
  for (const auto& answer : answers) write_command(w, answer.name == "onStatus" ? 1 : 0, answer);
  BytesView view = in;
  return client.next(view);
}

TEST(ClientProtocol, PassesARedirectOn) {
  ClientProtocol client(options(Role::play));
  const auto event = heard(client, {connect_refusal(1, "Elsewhere.", "rtmp://other/static")}).value().value();
  const auto& refused = std::get<ClientProtocol::Refused>(event);
  EXPECT_EQ(refused.code, "NetConnection.Connect.Rejected");
  EXPECT_EQ(refused.redirect, "rtmp://other/static");
}

TEST(ClientProtocol, OverlooksServersThatDoNotKnowFcPublish) {
  ClientProtocol client(options(Role::publish));
  const auto event = heard(client, {connect_result(1, 0),
                                    error_of(2, "NetConnection.Call.Failed", "?"),
                                    error_of(3, "NetConnection.Call.Failed", "?"),
                                    {.name = "onBWDone"},
                                    result_of(4, amf::Null{}, {7}),
                                    on_status("status", "NetStream.Publish.Start", "")});
  EXPECT_TRUE(std::holds_alternative<ClientProtocol::Ready>(event.value().value()));

  client.output().clear();
  const auto body = bytes({0xaf, 1});
  client.write(Message::Type::audio, 1, {{BytesView(body)}});
  EXPECT_EQ(client.output(), bytes({0x04, 0, 0, 1, 0, 0, 2, 8, 7, 0, 0, 0, 0xaf, 1}))
      << "on the server's message stream";
}

TEST(ClientProtocol, RefusesAMessageStreamThatIsNone) {
  for (const amf::Value& id : {amf::Value(-1), amf::Value(5e9), amf::Value("1"), amf::Value()}) {
    ClientProtocol client(options(Role::play));
    EXPECT_EQ(heard(client, {connect_result(1, 0), result_of(4, amf::Null{}, {id})}).error(), Errc::unexpected_answer);
  }
}

TEST(ClientProtocol, AnnouncesItself) {
  ClientProtocol client({.role = Role::publish, .app = "a", .key = "k", .tc_url = "rtmp://h/a", .flash_ver = "F"});
  EXPECT_EQ(client.output().size(), 1537u);
  client.output().clear();
  ASSERT_FALSE(heard(client, {}).value());
  const auto sent = copy(BytesView(client.output()).subspan(kHandshakeBytes));                      // behind C2
  EXPECT_EQ(sent, bytes({0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 1, 0, 0}) +                      // chunk size 65536
                      bytes({0x03, 0, 0, 0, 0, 0, 85, 20, 0, 0, 0, 0}) +                            //
                      bytes({0x02, 0, 7}) + "connect" + bytes({0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0}) +  // 1
                      bytes({0x03}) +                                                               // object
                      bytes({0, 3}) + "app" + bytes({0x02, 0, 1}) + "a" +                           //
                      bytes({0, 4}) + "type" + bytes({0x02, 0, 10}) + "nonprivate" +                //
                      bytes({0, 8}) + "flashVer" + bytes({0x02, 0, 1}) + "F" +                      //
                      bytes({0, 5}) + "tcUrl" + bytes({0x02, 0, 10}) + "rtmp://h/a" +               //
                      bytes({0, 0, 9}));                                                            // end of object
}

TEST(ClientProtocol, ClosesInAnOrderlyWay) {
  ClientProtocol client(options(Role::play));
  client.close();
  client.output().clear();
  client.write(Message::Type::audio, 0, {});
  EXPECT_TRUE(client.output().empty()) << "nothing is written after the end";
}

}  // namespace
}  // namespace sluice::rtmp
