#include "format/flv/file_reader.hpp"

#include <gtest/gtest.h>

#include "core/hex.hpp"
#include "format/flv/errc.hpp"
#include "format/flv/writer.hpp"

namespace sluice::flv {
namespace {

using enum Message::Type;

/// All messages of a stream that comes in pieces of `piece` bytes.
Result<std::vector<Message>> read_all(BytesView stream, std::size_t piece) {
  FileReader reader;
  std::vector<Message> out;
  while (!stream.empty()) {
    BytesView in = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(in.size());
    while (true) {
      auto message = reader.next(in);
      if (!message) return std::unexpected(message.error());
      if (!*message) break;
      out.push_back(std::move(**message));
    }
  }
  return out;
}

Bytes sample() {
  Bytes out;
  ByteWriter w(out);
  write_file_header(w, true, true);
  write_tag(w, script, 0, {from_hex("0200")});
  write_tag(w, audio, 0x12345678, {from_hex("af"), from_hex("01 2110")});
  write_tag(w, video, 0xffffffff, {});
  return out;
}

TEST(FlvFileReader, ReadsTagsInPiecesOfAnySize) {
  const Bytes stream = sample();
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    const auto messages = read_all(stream, piece);
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 3u) << piece;
    EXPECT_EQ(messages->at(0).type, script);
    EXPECT_EQ(messages->at(1).type, audio);
    EXPECT_EQ(messages->at(1).timestamp, 0x12345678u);
    EXPECT_TRUE(std::ranges::equal(messages->at(1).body.view(), from_hex("af012110")));
    EXPECT_EQ(messages->at(2).timestamp, 0xffffffffu);
    EXPECT_TRUE(messages->at(2).body.empty());
  }
}

TEST(FlvFileReader, WaitsForMoreOnEveryPrefix) {
  const Bytes stream = sample();
  for (std::size_t n = 0; n + 4 < stream.size(); ++n) {  // the last 4 bytes come behind the last message
    const auto messages = read_all(BytesView(stream).first(n), stream.size());
    ASSERT_TRUE(messages);
    EXPECT_LT(messages->size(), 3u);
  }
}

TEST(FlvFileReader, PassesOverUnknownTagsAndLongHeaders) {
  const Bytes stream = from_hex(
      "464c56 01 05 0000000b ffff"                         // DataOffset 11
      "00000000 0f 000002 000000 00 000000 aabb"           // a tag of type 15
      "00000000 08 000001 000007 00 000000 cc 00000000");  // PreviousTagSize is wrong all over
  const auto messages = read_all(stream, 1000);
  ASSERT_TRUE(messages);
  ASSERT_EQ(messages->size(), 1u);
  EXPECT_EQ(messages->front().timestamp, 7u);
}

TEST(FlvFileReader, RefusesWhatIsNoFlv) {
  EXPECT_EQ(read_all(from_hex("464c57010500000009"), 100).error(), Errc::bad_header);
  EXPECT_EQ(read_all(from_hex("464c56020500000009"), 100).error(), Errc::bad_header) << "version 2";
  EXPECT_EQ(read_all(from_hex("464c56010500000008"), 100).error(), Errc::bad_header) << "shorter than itself";
  EXPECT_EQ(read_all(from_hex("464c560105ffffffff"), 100).error(), Errc::bad_header);
  EXPECT_EQ(read_all(from_hex("464c56010500000009 00000000 28 000001 000000 00 000000"), 100).error(), Errc::encrypted);
}

TEST(FlvFileReader, KeepsItsError) {
  FileReader reader;
  const Bytes junk = from_hex("474c56010500000009 00000000");
  BytesView in = junk;
  EXPECT_FALSE(reader.next(in));
  EXPECT_FALSE(reader.next(in));
}

}  // namespace
}  // namespace sluice::flv
