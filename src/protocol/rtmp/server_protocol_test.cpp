#include "protocol/rtmp/server_protocol.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "protocol/rtmp/chunk_reader.hpp"
#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/control_messages.hpp"
#include "protocol/rtmp/errc.hpp"
#include "protocol/rtmp/test_bytes.hpp"

namespace sluice::rtmp {
namespace {

using amf::Null;
using amf::Object;
using namespace test;
using testing::IsEmpty;

using Log = std::vector<std::string>;

/// C0, C1 and C2 of a client of the simple handshake.
Bytes handshake() { return bytes({3, 0, 0, 0, 0, 0, 0, 0, 0}) + Bytes(1528) + Bytes(1536); }

/// A message as encoders cut it. `format` 0 or 1 is librtmp's "large" and "medium".
Bytes chunked(unsigned format, unsigned chunk_stream, MessageType type, unsigned stream, const Bytes& body,
              std::size_t chunk_bytes = 128) {
  const auto n = body.size();
  Bytes out = bytes({format << 6 | chunk_stream, 0, 0, 0, 0, unsigned(n >> 8), unsigned(n & 0xff), unsigned(type)});
  if (format == 0) out = out + bytes({stream, 0, 0, 0});
  for (std::size_t at = 0; at < n; at += chunk_bytes) {
    if (at > 0) out = out + bytes({0xc0 | chunk_stream});
    out = out + copy(BytesView(body).subspan(at, std::min(chunk_bytes, n - at)));
  }
  return out;
}

Bytes values(const amf::Array& in) {
  Bytes out;
  ByteWriter w(out);
  for (const auto& value : in) amf::write_amf0(w, value);
  return out;
}

Bytes command(unsigned format, unsigned chunk_stream, unsigned stream, const amf::Array& in,
              std::size_t chunk_bytes = 128) {
  return chunked(format, chunk_stream, MessageType::command, stream, values(in), chunk_bytes);
}

/// A session of a server that says yes to all, and a log of what it was asked and what it answered.
class Session {
 public:
  /// Reads `in` in pieces of `piece` bytes; returns what happened, answers behind the events that they belong to.
  Log send(const Bytes& in, std::size_t piece = SIZE_MAX) {
    log_.clear();
    for (std::size_t at = 0; at < in.size() && !failed_;) {
      BytesView view = BytesView(in).subspan(at, std::min(piece, in.size() - at));
      at += view.size();
      read(view);
    }
    return log_;
  }

  ServerProtocol& server() { return server_; }

  /// Logs the answers that are waiting.
  Log answers() {
    log_.clear();
    log_answers();
    return log_;
  }

  bool refuses = false;

 private:
  void read(BytesView in) {
    while (true) {
      auto event = server_.next(in);
      log_answers();
      if (!event) {
        failed_ = true;
        log_.push_back("error " + event.error().message());
        return;
      }
      if (!*event) return;
      std::visit([this](const auto& e) { on(e); }, **event);
      log_answers();
    }
  }

  void on(const ServerProtocol::Connect& e) {
    log_.push_back(fmt::format("connect {} {}", e.app, e.tc_url));
    refuses ? server_.refuse_connect("no", "rtmp://other/static") : server_.accept_connect();
  }
  void on(const ServerProtocol::Publish& e) {
    log_.push_back(fmt::format("publish {} {}", e.address.name, e.type));
    using enum ServerProtocol::PublishRefusal;
    refuses ? server_.refuse_publish(bad_name, "no") : server_.accept_publish();
  }
  void on(const ServerProtocol::Play& e) {
    log_.push_back(fmt::format("play {} {} {}", e.address.name, e.start_ms, e.duration_ms));
    using enum ServerProtocol::PlayRefusal;
    refuses ? server_.refuse_play(not_found, "no") : server_.accept_play();
  }
  void on(const ServerProtocol::Pause& e) { log_.push_back(e.paused ? "pause" : "unpause"); }
  void on(const ServerProtocol::Stop&) { log_.push_back("stop"); }
  void on(const flv::Message& e) {
    log_.push_back(fmt::format("media {} at {} of {}", static_cast<int>(e.type), e.timestamp, e.body.size()));
  }

  void log_answers() {
    BytesView in = server_.output();
    if (!in.empty() && !shaken_hands_) {  // S0, S1 and S2
      ASSERT_EQ(in.size(), 3073u);
      in = {};
      shaken_hands_ = true;
    }
    // The reader obeys Set Chunk Size, which the first answers must be.
    while (true) {
      auto message = answers_.next(in);
      ASSERT_TRUE(message.has_value());
      if (!*message) break;
      log_.push_back(text_of(**message));
    }
    server_.output().clear();
  }

  static std::string text_of(const Message& message) {
    if (message.type != MessageType::command) {
      ByteReader r(message.body.view());
      if (message.type == MessageType::user_control) {
        const auto event = r.be16();
        return fmt::format("> user control {} {}", event, r.be32());
      }
      return fmt::format("> type {} {}", static_cast<int>(message.type), r.be32());
    }
    const auto answer = read_command(message).value();
    const auto* code = answer.argument(0).find("code");
    const auto number = answer.argument(0).number();
    return fmt::format("> {} {}{}{} on {}", answer.name, answer.transaction, code ? " " : "",
                       code ? code->string().value() : (number ? fmt::format(" {}", *number) : ""), message.stream);
  }

  ServerProtocol server_;
  ChunkReader answers_;
  Log log_;
  bool shaken_hands_ = false;
  bool failed_ = false;
};

const Log kConnected = {"connect static rtmp://host/static", "> type 5 2500000", "> type 6 2500000",
                        "> _result 1 NetConnection.Connect.Success on 0"};

/// A connection of a client without manners of its own.
Bytes connect() {
  return handshake() + command(0, 3, 0, {"connect", 1, Object{{"app", "static"}, {"tcUrl", "rtmp://host/static"}}});
}

Bytes publish(std::string_view key) { return command(0, 4, 1, {"publish", 5, Null{}, key, "live"}); }
Bytes play(std::string_view key) { return command(0, 8, 1, {"play", 4, Null{}, key, -2000}); }
const Bytes kFrame = chunked(0, 4, MessageType::video, 1, bytes({0x17, 1, 0, 0, 0, 1}));

TEST(ServerProtocol, SpeaksWithObs) {  // libobs, with its librtmp: a chunk size before connect
  const Object object = {{"app", "static"},
                         {"type", "nonprivate"},
                         {"flashVer", "FMLE/3.0 (compatible; FMSc/1.0)"},
                         {"swfUrl", "rtmp://host/static"},
                         {"tcUrl", "rtmp://host/static"}};
  Session session;
  EXPECT_EQ(session.send(handshake() + bytes({0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0x10, 0}) +
                         command(0, 3, 0, {"connect", 1, object}, 4096)),
            kConnected);
  EXPECT_EQ(session.send(command(1, 3, 0, {"releaseStream", 2, Null{}, "key?password=x"}) +
                         command(1, 3, 0, {"FCPublish", 3, Null{}, "key?password=x"}) +
                         command(1, 3, 0, {"createStream", 4, Null{}})),
            (Log{"> _result 2 on 0", "> _result 3 on 0", "> onFCPublish 0 NetStream.Publish.Start on 0",
                 "> _result 4 1 on 0"}));
  EXPECT_EQ(session.send(command(0, 4, 1, {"publish", 5, Null{}, "key?password=x", "live"})),
            (Log{"publish key live", "> user control 0 1", "> onStatus 0 NetStream.Publish.Start on 1"}));
  EXPECT_EQ(session.send(chunked(0, 4, MessageType::data, 1,
                                 values({"@setDataFrame", "onMetaData", Object{{"width", 1280}}}), 4096) +
                         chunked(0, 4, MessageType::audio, 1, bytes({0xaf, 0, 0x12, 0x10}), 4096) +
                         chunked(1, 4, MessageType::video, 1, pattern(5000), 4096)),
            (Log{"media 18 at 0 of 33", "media 8 at 0 of 4", "media 9 at 0 of 5000"}));
  EXPECT_EQ(session.send(command(1, 3, 0, {"FCUnpublish", 6, Null{}, "key"}) +
                         command(1, 3, 0, {"deleteStream", 7, Null{}, 1})),
            (Log{"> _result 6 on 0", "> onFCUnpublish 0 NetStream.Unpublish.Success on 0",
                 "> onStatus 0 NetStream.Unpublish.Success on 1", "stop"}));
}

TEST(ServerProtocol, SpeaksWithFlashMediaLiveEncoder) {  // checks the bandwidth, publishes on chunk stream 8
  const Object object = {{"app", "static"},
                         {"flashVer", "FMLE/3.0 (compatible; FMSc/1.0)"},
                         {"swfUrl", "rtmp://host/static"},
                         {"tcUrl", "rtmp://host/static"},
                         {"type", "nonprivate"}};
  Session session;
  EXPECT_EQ(session.send(handshake() + command(0, 3, 0, {"connect", 1, object})), kConnected);
  EXPECT_EQ(session.send(command(1, 3, 0, {"releaseStream", 2, Null{}, "key"}) +
                         command(1, 3, 0, {"FCPublish", 3, Null{}, "key"}) +
                         command(1, 3, 0, {"createStream", 4, Null{}}) + command(1, 3, 0, {"_checkbw", 5, Null{}})),
            (Log{"> _result 2 on 0", "> _result 3 on 0", "> onFCPublish 0 NetStream.Publish.Start on 0",
                 "> _result 4 1 on 0", "> _result 5 on 0"}));
  EXPECT_EQ(session.send(command(0, 8, 1, {"publish", 0, Null{}, "key", "live"})),
            (Log{"publish key live", "> user control 0 1", "> onStatus 0 NetStream.Publish.Start on 1"}));
  EXPECT_EQ(session.send(command(1, 8, 1, {"closeStream", 0, Null{}})),
            (Log{"> onStatus 0 NetStream.Unpublish.Success on 1", "stop"}));
}

TEST(ServerProtocol, SpeaksWithFfmpegThatPlays) {  // a window before createStream, getStreamLength, a buffer length
  const Object object = {{"app", "static"},    {"flashVer", "LNX 9,0,124,2"}, {"tcUrl", "rtmp://host/static"},
                         {"fpad", false},      {"capabilities", 15},          {"audioCodecs", 4071},
                         {"videoCodecs", 252}, {"videoFunction", 1}};
  Session session;
  EXPECT_EQ(session.send(handshake() + command(0, 3, 0, {"connect", 1, object})), kConnected);
  EXPECT_EQ(session.send(bytes({0x02, 0, 0, 0, 0, 0, 4, 5, 0, 0, 0, 0, 0, 0x26, 0x25, 0xa0}) +
                         command(1, 3, 0, {"createStream", 2, Null{}})),
            (Log{"> _result 2 1 on 0"}));
  EXPECT_EQ(session.send(command(0, 8, 0, {"getStreamLength", 3, Null{}, "key"}) + play("key") +
                         bytes({0x42, 0, 0, 1, 0, 0, 10, 4, 0, 3, 0, 0, 0, 1, 0, 0, 0x0b, 0xb8})),
            (Log{"> _result 3 0 on 0", "play key -2000 -1000", "> user control 0 1",
                 "> onStatus 0 NetStream.Play.Reset on 1", "> onStatus 0 NetStream.Play.Start on 1"}));
  EXPECT_EQ(session.send(command(1, 3, 0, {"deleteStream", 0, Null{}, 1})), (Log{"stop"}));
}

TEST(ServerProtocol, SpeaksWithGStreamer) {  // rtmp2sink: no answer awaited between createStream's neighbours
  const Object object = {{"app", "static"},
                         {"type", "nonprivate"},
                         {"tcUrl", "rtmp://host/static"},
                         {"flashVer", "FMLE/3.0 (compatible; FMSc/1.0)"}};
  Session session;
  EXPECT_EQ(session.send(handshake() + command(0, 3, 0, {"connect", 1, object})), kConnected);
  EXPECT_EQ(session.send(command(1, 3, 0, {"releaseStream", 2, Null{}, "key"}) +
                         command(1, 3, 0, {"FCPublish", 3, Null{}, "key"}) +
                         command(1, 3, 0, {"createStream", 4, Null{}}) + publish("key") + kFrame),
            (Log{"> _result 2 on 0", "> _result 3 on 0", "> onFCPublish 0 NetStream.Publish.Start on 0",
                 "> _result 4 1 on 0", "publish key live", "> user control 0 1",
                 "> onStatus 0 NetStream.Publish.Start on 1", "media 9 at 0 of 6"}));
}

TEST(ServerProtocol, SpeaksWithLibrtmpThatPlaysAndPauses) {
  Session session;
  session.send(connect());
  EXPECT_EQ(session.send(command(1, 3, 0, {"FCSubscribe", 3, Null{}, "key"}) + play("mp4:key")),
            (Log{"> onFCSubscribe 0 NetStream.Play.Start on 0", "play key -2000 -1000", "> user control 0 1",
                 "> onStatus 0 NetStream.Play.Reset on 1", "> onStatus 0 NetStream.Play.Start on 1"}));
  // On a chunk stream that begins with type 1, so on message stream 0.
  EXPECT_EQ(session.send(command(1, 9, 0, {"pause", 5, Null{}, true, 0})),
            (Log{"> onStatus 0 NetStream.Pause.Notify on 1", "pause"}));
  EXPECT_EQ(session.send(command(1, 9, 0, {"pause", 6, Null{}, false, 0})),
            (Log{"> onStatus 0 NetStream.Unpause.Notify on 1", "unpause"}));
  EXPECT_EQ(session.send(command(1, 9, 0, {"seek", 7, Null{}, 1000})),
            (Log{"> onStatus 0 NetStream.Seek.Failed on 1"}));
}

TEST(ServerProtocol, ReadsCommandsInAmf3) {  // Flash Player with objectEncoding 3
  const auto amf3 = [](unsigned chunk_stream, unsigned stream, const amf::Array& in) {
    return chunked(0, chunk_stream, MessageType::command_amf3, stream, bytes({0}) + values(in));
  };
  Session session;
  const Object object = {{"app", "static"}, {"tcUrl", "rtmp://host/static"}, {"objectEncoding", 3}};
  EXPECT_EQ(session.send(handshake() + command(0, 3, 0, {"connect", 1, object})), kConnected);
  EXPECT_EQ(session.send(amf3(3, 0, {"createStream", 2, Null{}})), (Log{"> _result 2 1 on 0"}));
  EXPECT_EQ(session.send(amf3(8, 1, {"publish", 0, Null{}, "key"})),
            (Log{"publish key live", "> user control 0 1", "> onStatus 0 NetStream.Publish.Start on 1"}));
  EXPECT_EQ(session.send(chunked(0, 4, MessageType::data_amf3, 1,
                                 bytes({0}) + values({"@setDataFrame", "onMetaData", Object{}}))),
            (Log{"media 18 at 0 of 17"}));
}

TEST(ServerProtocol, NamesStreamsByApplicationAndKey) {
  const auto published = [](std::string_view app, std::string_view key) {
    Session session;
    session.send(handshake() + command(0, 3, 0, {"connect", 1, Object{{"app", app}, {"tcUrl", "rtmp://host/x"}}}));
    return session.send(publish(key)).at(0);
  };
  EXPECT_EQ(published("published", ""), "publish published live");
  EXPECT_EQ(published("client15", "published1"), "publish client15/published1 live");
  EXPECT_EQ(published("static", "published"), "publish published live");
}

TEST(ServerProtocol, RefusesInTheWordsOfTheProtocol) {
  Session session;
  session.send(connect());
  session.refuses = true;
  EXPECT_EQ(session.send(publish("key")), (Log{"publish key live", "> onStatus 0 NetStream.Publish.BadName on 1"}));
  EXPECT_THAT(session.send(kFrame), IsEmpty()) << "media of a refused publisher goes nowhere";
  EXPECT_EQ(session.send(play("key")),
            (Log{"play key -2000 -1000", "> onStatus 0 NetStream.Play.StreamNotFound on 1"}));
  session.refuses = false;
  EXPECT_EQ(session.send(publish("other")).at(0), "publish other live") << "another attempt";

  Session refused;
  refused.refuses = true;
  EXPECT_EQ(refused.send(connect() + publish("key")),
            (Log{"connect static rtmp://host/static", "> _error 1 NetConnection.Connect.Rejected on 0"}))
      << "and nothing is read behind it";
}

TEST(ServerProtocol, EndsAndChangesWhatIsPlayed) {
  Session session;
  session.send(connect() + play("one"));
  EXPECT_EQ(session.send(play("two")).at(0), "stop");
  session.server().end_play(ServerProtocol::PlayEnd::unpublished);
  EXPECT_EQ(session.answers(), (Log{"> user control 1 1", "> onStatus 0 NetStream.Play.UnpublishNotify on 1"}));
  session.server().end_play(ServerProtocol::PlayEnd::complete);
  EXPECT_THAT(session.answers(), IsEmpty()) << "it has ended already";
  EXPECT_EQ(session.send(play("three")).at(0), "play three -2000 -1000");
  session.server().end_play(ServerProtocol::PlayEnd::complete);
  EXPECT_EQ(session.answers(), (Log{"> user control 1 1", "> onStatus 0 NetStream.Play.Stop on 1"}));
  EXPECT_THAT(session.send(command(0, 8, 1, {"play", 0, Null{}, false})), IsEmpty()) << "play(false)";
}

TEST(ServerProtocol, AnswersCallsOfUnknownMethods) {
  Session session;
  session.send(connect());
  EXPECT_EQ(session.send(command(1, 3, 0, {"doSomething", 9, Null{}})),
            (Log{"> _error 9 NetConnection.Call.Failed on 0"}));
  EXPECT_THAT(session.send(command(1, 3, 0, {"doSomething", 0, Null{}})), IsEmpty());
  EXPECT_THAT(session.send(command(1, 3, 0, {"_result", 9, Null{}})), IsEmpty()) << "no answer to an answer";
}

TEST(ServerProtocol, AnswersPingsAndAcknowledges) {
  Session session;
  session.send(connect());
  EXPECT_EQ(session.send(bytes({0x02, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 6, 0, 0, 0, 77})),
            (Log{"> user control 7 77"}));
  session.server().ping(5);
  EXPECT_EQ(session.answers(), (Log{"> user control 6 5"}));

  session.send(bytes({0x02, 0, 0, 0, 0, 0, 4, 5, 0, 0, 0, 0, 0, 0, 0x20, 0}));  // a window of 8192
  session.send(publish("key"));
  const auto log = session.send(chunked(0, 4, MessageType::video, 1, pattern(6000)), 100);
  EXPECT_THAT(log, testing::Contains(testing::StartsWith("> type 3 4"))) << "once, at half of the window";
  EXPECT_EQ(log.size(), 2u);
}

TEST(ServerProtocol, RefusesWhatMakesNoSense) {
  const auto error = [](const Bytes& in) { return Session().send(in).back(); };
  EXPECT_EQ(error(handshake() + publish("key")), "error a command that is not allowed in this state");
  EXPECT_EQ(error(connect() + command(0, 3, 0, {"connect", 2, Object{}})),
            "error a command that is not allowed in this state");
  EXPECT_EQ(error(connect() + publish("a") + publish("b")), "error a command that is not allowed in this state");
  EXPECT_EQ(error(connect() + publish("a") + play("b")), "error a command that is not allowed in this state");
  EXPECT_EQ(error(connect() + bytes({0x04, 0, 0, 0, 1, 0, 1, 9, 1, 0, 0, 0})),
            "error a message is larger than allowed here")
      << "before anybody may publish";
  EXPECT_EQ(error(copy(as_bytes("GET / HTTP/1.1"))), "error the first byte is not an RTMP version");
}

/// A whole session with a bit of all.
Bytes whole_session() {
  return connect() + bytes({0x02, 0, 0, 0, 0, 0, 4, 5, 0, 0, 0, 0, 0, 0, 0x10, 0}) +
         command(1, 3, 0, {"createStream", 4, Null{}}) + publish("a/b?token=1") +
         chunked(0, 4, MessageType::data, 1, values({"@setDataFrame", "onMetaData", Object{{"width", 1280}}})) +
         chunked(0, 4, MessageType::video, 1, pattern(700)) + chunked(1, 5, MessageType::audio, 1, pattern(300)) +
         chunked(0, 6, MessageType::aggregate, 1,
                 bytes({8, 0, 0, 2, 0, 0, 100, 0, 0, 0, 0, 0xaf, 1, 0, 0, 0, 13, 9, 0, 0, 0, 0, 0, 101, 0, 0, 0, 0})) +
         command(1, 3, 0, {"FCUnpublish", 6, Null{}, "a/b"}) + play("c") +
         command(0, 8, 1, {"pause", 0, Null{}, true, 0}) + play("d") + command(1, 3, 0, {"deleteStream", 7, Null{}, 1});
}

RC_GTEST_PROP(ServerProtocol, TellsTheSameWhateverTheCuts, ()) {
  const auto is_event = [](const std::string& line) { return !line.starts_with(">"); };
  const auto events = [&](std::size_t piece) {
    Log log = Session().send(whole_session(), piece);
    std::erase_if(log, std::not_fn(is_event));  // acknowledgements depend on the cuts
    return log;
  };
  static const Log expected = events(SIZE_MAX);
  RC_ASSERT(expected.back() == "stop");
  RC_ASSERT(events(*rc::gen::inRange<std::size_t>(1, 2000)) == expected);
}

TEST(ServerProtocol, AwaitsTheRestOfEveryPrefix) {
  const auto whole = whole_session();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    for (const auto& line : Session().send(copy(BytesView(whole).first(n)))) {
      ASSERT_FALSE(line.starts_with("error")) << n << ": " << line;
    }
  }
}

}  // namespace
}  // namespace sluice::rtmp
