#include "protocol/rtmp/media_reader.hpp"

#include <gtest/gtest.h>

#include "protocol/rtmp/errc.hpp"
#include "protocol/rtmp/test_bytes.hpp"

namespace sluice::rtmp {
namespace {

using namespace test;

/// What a test compares of an FLV message.
struct Seen {
  flv::Message::Type type{};
  std::uint32_t timestamp = 0;
  Bytes body;

  bool operator==(const Seen&) const = default;
};

Result<std::vector<Seen>> read(MessageType type, std::uint32_t timestamp, const Bytes& body) {
  MediaReader reader;
  reader.push({.type = type, .stream = 1, .timestamp = timestamp, .body = Payload::copy(body)});
  std::vector<Seen> seen;
  while (true) {
    auto message = reader.next();
    if (!message) return fail(message.error());
    if (!*message) return seen;
    seen.push_back({(*message)->type, (*message)->timestamp, copy((*message)->body.view())});
  }
}

using enum flv::Message::Type;

const Bytes kName = bytes({0x02, 0, 10}) + "onMetaData";

TEST(MediaReader, PassesAudioAndVideoOn) {
  EXPECT_EQ(read(MessageType::video, 7, bytes({0x17, 1})).value(), (std::vector<Seen>{{video, 7, bytes({0x17, 1})}}));
  EXPECT_EQ(read(MessageType::audio, 8, {}).value(), (std::vector<Seen>{{audio, 8, {}}}));
}

TEST(MediaReader, TakesTheWrappingOffData) {
  const std::vector<Seen> expected{{script, 0, kName}};
  const auto set = bytes({0x02, 0, 13}) + "@setDataFrame";
  EXPECT_EQ(read(MessageType::data, 0, kName).value(), expected);
  EXPECT_EQ(read(MessageType::data, 0, set + kName).value(), expected);
  EXPECT_EQ(read(MessageType::data_amf3, 0, bytes({0}) + set + kName).value(), expected);
  EXPECT_EQ(read(MessageType::data_amf3, 0, kName).value(), expected);
  EXPECT_EQ(read(MessageType::data, 0, bytes({0x02, 0, 15}) + "@clearDataFrame" + kName).value(), std::vector<Seen>{});
}

TEST(MediaReader, PassesOverWhatIsNoMedia) {
  EXPECT_EQ(read(MessageType::user_control, 0, bytes({0, 0, 0, 0, 0, 1})).value(), std::vector<Seen>{});
  EXPECT_EQ(read(static_cast<MessageType>(19), 0, bytes({1})).value(), std::vector<Seen>{});
}

TEST(MediaReader, TakesAggregatesApart) {
  const auto aggregate = bytes({8, 0, 0, 2, 0, 0, 100, 0, 0, 0, 0, 0xaf, 1, 0, 0, 0, 13}) +  // audio at 100
                         bytes({9, 0, 0, 1, 0, 0, 123, 0, 0, 0, 0, 0x27, 0, 0, 0, 12}) +     // video at 123
                         bytes({99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11}) +            // unknown
                         bytes({8, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0}) +
                         bytes({0, 0});  // at -1, a cut back pointer
  EXPECT_EQ(read(MessageType::aggregate, 5000, aggregate).value(),
            (std::vector<Seen>{{audio, 5000, bytes({0xaf, 1})}, {video, 5023, bytes({0x27})}, {audio, 4899, {}}}))
      << "stamps count from that of the aggregate";
  EXPECT_EQ(read(MessageType::aggregate, 0, {}).value(), std::vector<Seen>{});
}

TEST(MediaReader, RefusesAnAggregateThatEndsInsideAPart) {
  const auto part = bytes({8, 0, 0, 2, 0, 0, 100, 0, 0, 0, 0, 0xaf, 1});
  for (std::size_t n = 1; n < part.size(); ++n) {
    EXPECT_EQ(read(MessageType::aggregate, 0, copy(BytesView(part).first(n))).error(), Errc::truncated) << n;
  }
}

}  // namespace
}  // namespace sluice::rtmp
