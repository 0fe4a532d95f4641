#include "net/websocket.hpp"

#include <gtest/gtest.h>

#include "net/errc.hpp"
#include "net/websocket_reader.hpp"

namespace sluice::net {
namespace {

/// A frame as a client sends it.
std::string frame(unsigned first, std::string_view payload) {
  constexpr std::string_view kMask = "\x12\x34\x56\x78";
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() <= UINT16_MAX) {
    out += {static_cast<char>(0xfe), static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size() & 0xff)};
  } else {
    out += static_cast<char>(0xff);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((payload.size() >> shift) & 0xff);
  }
  out += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ kMask[i % 4]);
  return out;
}

/// What a reader makes of `text` that comes in pieces of `cut` bytes: data as it is, control frames in brackets.
std::string read(std::string text, std::size_t cut = 1) {
  WebSocketReader reader;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += cut) {
    auto in = std::as_writable_bytes(std::span(text)).subspan(at, std::min(cut, text.size() - at));
    for (;;) {
      const auto event = reader.next(in);
      if (!event) return out + "!";
      if (!*event) break;
      const std::string bytes(as_text((*event)->bytes));
      constexpr std::array kNames{"", "close", "ping", "pong"};
      const auto kind = static_cast<std::size_t>((*event)->kind);
      out += kind == 0 ? bytes : "[" + std::string(kNames[kind]) + " " + bytes + "]";
    }
  }
  return out;
}

TEST(WebSocketReader, ReadsFramesHoweverTheyAreCut) {
  const std::string long_text(300, 'x');
  const std::string longer_text(70'000, 'y');
  const std::string all = frame(0x82, "one") + frame(0x02, "tw") + frame(0x89, "now") + frame(0x80, "o") +
                          frame(0x81, "") + frame(0x82, long_text) + frame(0x82, longer_text) + frame(0x8a, "") +
                          frame(0x88, "\x03\xe8");
  const std::string expected = "onetw[ping now]o" + long_text + longer_text + "[pong ][close \x03\xe8]";
  for (const std::size_t cut : {std::size_t{1}, std::size_t{3}, std::size_t{1000}, all.size()}) {
    EXPECT_EQ(read(all, cut), expected) << cut;
  }
}

TEST(WebSocketReader, RefusesWhatTheStandardForbids) {
  EXPECT_EQ(read("\x82\x01"), "!");                                         // not masked
  EXPECT_EQ(read(frame(0xc2, "x")), "!");                                   // a reserved bit
  EXPECT_EQ(read(frame(0x83, "x")), "!");                                   // a reserved opcode
  EXPECT_EQ(read(frame(0x8b, "x")), "!");                                   // another
  EXPECT_EQ(read(frame(0x09, "x")), "!");                                   // a ping in pieces
  EXPECT_EQ(read(frame(0x89, std::string(126, 'x'))), "!");                 // a long ping
  EXPECT_EQ(read(frame(0x80, "x")), "!");                                   // goes on with nothing
  EXPECT_EQ(read(frame(0x02, "x") + frame(0x82, "y")), "x!");               // a message in a message
  EXPECT_EQ(read(std::string("\x82\xfe\x00\x05mask", 8)), "!");             // more bytes of length than it needs
  EXPECT_EQ(read(std::string("\x82\xff\x80\0\0\0\0\0\0\0mask", 14)), "!");  // more than 2^63
}

TEST(WebSocket, AcceptsAKey) {
  // RFC 6455 section 1.3.
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

/// What the transport below gets and gives.
struct Wire {
  std::string sent;
  std::size_t room = SIZE_MAX;
  std::size_t most_ranges = SIZE_MAX;  // that it takes in one call
  std::string to_receive;
  bool shut = false;
};

class TestTransport final : public Transport {
 public:
  explicit TestTransport(Wire& wire) : wire_(wire) {}
  Result<std::size_t> send(std::span<const Range> ranges, bool) override {
    std::size_t taken = 0;
    for (const Range& range : ranges.first(std::min(ranges.size(), wire_.most_ranges))) {
      const auto n = std::min(range.length, wire_.room);
      wire_.sent += as_text(range.view().first(n));
      wire_.room -= n;
      taken += n;
    }
    return taken;
  }
  Result<Received> receive(std::span<std::byte> into) override {
    const auto n = std::min(into.size(), wire_.to_receive.size());
    std::memcpy(into.data(), wire_.to_receive.data(), n);
    wire_.to_receive.erase(0, n);
    return Received{.bytes = n, .drained = wire_.to_receive.empty()};
  }
  Result<Received> discard(std::size_t) override { return Received{}; }
  void shutdown() override { wire_.shut = true; }
  void drop() override {}

 private:
  Wire& wire_;
};

class WebSocketTransportTest : public testing::Test {
 protected:
  std::size_t send(std::string_view text) {
    const Range range{.length = text.size(), .memory = as_bytes(text).data()};
    return socket.send({&range, 1}, false).value();
  }
  std::string receive() {
    std::array<std::byte, 64> into;
    const auto got = socket.receive(into);
    return got ? std::string(as_text(BytesView(into).first(got->bytes))) : got.error().message();
  }

  Wire wire;
  WebSocketTransport socket{std::make_unique<TestTransport>(wire)};
};

TEST_F(WebSocketTransportTest, SendsMessages) {
  EXPECT_EQ(send("hello"), 5);
  EXPECT_EQ(wire.sent, "\x82\x05hello");
  wire.sent.clear();
  const std::string text(70'000, 'x');
  EXPECT_EQ(send(text), 65'535);
  EXPECT_EQ(wire.sent, "\x82\x7e\xff\xff" + text.substr(0, 65'535));
}

TEST_F(WebSocketTransportTest, FillsAFrameThatWasBegunWithWhateverComesNext) {
  wire.room = 0;
  EXPECT_EQ(send("never"), 0);
  wire.room = 1;  // half a head
  EXPECT_EQ(send("hello"), 0);
  wire.room = 3;
  EXPECT_EQ(send("hello"), 2);
  wire.room = 100;
  EXPECT_EQ(send("XYZ-and more"), 3);
  EXPECT_EQ(send("next"), 4);
  EXPECT_EQ(wire.sent, "\x82\x05heXYZ\x82\x04next");
}

TEST_F(WebSocketTransportTest, TakesNoHeadThatGoesAloneForAFullSocket) {
  wire.most_ranges = 1;  // as for what comes from a file
  EXPECT_EQ(send("hello"), 5);
  EXPECT_EQ(wire.sent, "\x82\x05hello");
}

TEST_F(WebSocketTransportTest, AnswersPingsBetweenFrames) {
  wire.room = 4;
  EXPECT_EQ(send("hello"), 2);
  wire.room = 100;
  wire.to_receive = frame(0x89, "you?");
  EXPECT_EQ(receive(), "");
  EXPECT_EQ(wire.sent, "\x82\x05he");
  EXPECT_EQ(send("llo"), 3);
  EXPECT_TRUE(socket.flush().value());
  EXPECT_EQ(wire.sent, "\x82\x05hello\x8a\x04you?");
}

TEST_F(WebSocketTransportTest, GivesTheBytesOfMessages) {
  wire.to_receive = frame(0x02, "ab") + frame(0x89, "") + frame(0x80, "cd") + frame(0x82, "ef");
  EXPECT_EQ(receive(), "abcdef");
}

TEST_F(WebSocketTransportTest, EndsAsThePeerWants) {
  wire.to_receive = frame(0x82, "ab") + frame(0x88, "\x03\xe8going");
  EXPECT_EQ(receive(), "ab");
  EXPECT_EQ(wire.sent, "\x88\x02\x03\xe8");
  EXPECT_EQ(receive(), std::error_code(Errc::closed).message());
  socket.shutdown();
  EXPECT_EQ(wire.sent, "\x88\x02\x03\xe8");  // said once
}

TEST_F(WebSocketTransportTest, SaysThatItEnds) {
  socket.shutdown();
  EXPECT_EQ(wire.sent, "\x88\x02\x03\xe9");
  EXPECT_TRUE(wire.shut);
}

}  // namespace
}  // namespace sluice::net
