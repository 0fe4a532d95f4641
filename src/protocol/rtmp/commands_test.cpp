#include "protocol/rtmp/commands.hpp"

#include <gtest/gtest.h>

#include "protocol/rtmp/chunk_reader.hpp"
#include "protocol/rtmp/errc.hpp"
#include "protocol/rtmp/test_bytes.hpp"

namespace sluice::rtmp {
namespace {

using namespace test;

Message message(MessageType type, const Bytes& body) { return {.type = type, .body = Payload::copy(body)}; }

/// createStream with transaction 4, as librtmp sends it.
const Bytes kCreateStream = bytes({0x02, 0, 12}) + "createStream" +             // string
                            bytes({0x00, 0x40, 0x10, 0, 0, 0, 0, 0, 0, 0x05});  // number 4, null

/// The message that `command` is written as.
Message round_trip(const Command& command, std::uint32_t stream = 0) {
  Bytes out;
  ByteWriter w(out);
  write_command(w, stream, command);
  ChunkReader reader;
  BytesView in = out;
  const auto size = bytes({0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 1, 0, 0});
  BytesView size_view = size;
  EXPECT_FALSE(reader.next(size_view).value());
  return reader.next(in).value().value();
}

TEST(Command, IsRead) {
  const auto command = read_command(message(MessageType::command, kCreateStream)).value();
  EXPECT_EQ(command.name, "createStream");
  EXPECT_EQ(command.transaction, 4);
  EXPECT_EQ(command.object, amf::Value(amf::Null{}));
  EXPECT_TRUE(command.arguments.empty());
  EXPECT_TRUE(command.argument(0).nothing());
  EXPECT_EQ(command.text(0), "");
}

TEST(Command, IsReadFromType17WithAndWithoutItsLeadingByte) {
  EXPECT_EQ(read_command(message(MessageType::command_amf3, bytes({0}) + kCreateStream))->name, "createStream");
  EXPECT_EQ(read_command(message(MessageType::command_amf3, kCreateStream))->name, "createStream");
}

TEST(Command, IsReadWithAnAmf3Argument) {
  const auto publish = bytes({0}) + bytes({0x02, 0, 7}) + "publish" + bytes({0, 0, 0, 0, 0, 0, 0, 0, 0, 5}) +
                       bytes({0x11, 0x06, 0x07}) + "key" +  // avmplus-object: AMF 3 string of 3
                       bytes({0x02, 0, 4}) + "live";
  const auto command = read_command(message(MessageType::command_amf3, publish)).value();
  EXPECT_EQ(command.text(0), "key");
  EXPECT_EQ(command.text(1), "live");
}

TEST(Command, IsRefusedInEveryPart) {
  for (std::size_t n = 0; n < kCreateStream.size(); ++n) {
    const auto part = read_command(message(MessageType::command, copy(BytesView(kCreateStream).first(n))));
    // The name alone, and all but the null at the end, are commands too.
    EXPECT_EQ(part.has_value(), n == 15 || n == kCreateStream.size() - 1) << n;
  }
  EXPECT_EQ(read_command(message(MessageType::command, bytes({5, 5}))).error(), Errc::bad_command);
  const auto many = kCreateStream + Bytes(40, std::byte{5});
  EXPECT_EQ(read_command(message(MessageType::command, many)).error(), Errc::bad_command);
}

TEST(Command, IsWrittenAsItIsRead) {
  const Command command{.name = "play", .transaction = 5, .object = amf::Null{}, .arguments = {"key", -2000, true}};
  const auto written = round_trip(command, 1);
  EXPECT_EQ(written.type, MessageType::command);
  EXPECT_EQ(written.stream, 1u);
  EXPECT_EQ(copy(written.body.view()), bytes({0x02, 0, 4}) + "play" +                        //
                                           bytes({0x00, 0x40, 0x14, 0, 0, 0, 0, 0, 0}) +     // 5
                                           bytes({0x05}) +                                   // null
                                           bytes({0x02, 0, 3}) + "key" +                     //
                                           bytes({0x00, 0xc0, 0x9f, 0x40, 0, 0, 0, 0, 0}) +  // -2000
                                           bytes({0x01, 0x01}));                             // true
  const auto read = read_command(written).value();
  EXPECT_EQ(read.name, command.name);
  EXPECT_EQ(read.transaction, command.transaction);
  EXPECT_EQ(read.arguments, command.arguments);
}

TEST(Command, AnswersConnect) {
  const auto success = read_command(round_trip(connect_result(1, 3))).value();
  EXPECT_EQ(success.name, "_result");
  EXPECT_EQ(success.transaction, 1);
  EXPECT_EQ(success.object.find("capabilities")->number(), 31);
  EXPECT_EQ(success.argument(0).find("level")->string(), "status");
  EXPECT_EQ(success.argument(0).find("code")->string(), "NetConnection.Connect.Success");
  EXPECT_EQ(success.argument(0).find("objectEncoding")->number(), 3);

  const auto refusal = read_command(round_trip(connect_refusal(1, "elsewhere", "rtmp://other/app"))).value();
  EXPECT_EQ(refusal.name, "_error");
  EXPECT_EQ(refusal.argument(0).find("code")->string(), "NetConnection.Connect.Rejected");
  EXPECT_EQ(refusal.argument(0).find("ex")->find("code")->number(), 302);
  EXPECT_EQ(refusal.argument(0).find("ex")->find("redirect")->string(), "rtmp://other/app");
  EXPECT_EQ(connect_refusal(1, "no", "").argument(0).find("ex"), nullptr);
}

TEST(Command, TellsStatus) {
  const auto status = read_command(round_trip(on_status("error", "NetStream.Play.StreamNotFound", "No."), 1)).value();
  EXPECT_EQ(status.name, "onStatus");
  EXPECT_EQ(status.transaction, 0);
  EXPECT_EQ(
      status.argument(0),
      (amf::Value(amf::Object{{"level", "error"}, {"code", "NetStream.Play.StreamNotFound"}, {"description", "No."}})));
}

}  // namespace
}  // namespace sluice::rtmp
