#include "protocol/rtmp/chunk_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "protocol/rtmp/chunk_writer.hpp"
#include "protocol/rtmp/errc.hpp"
#include "protocol/rtmp/test_bytes.hpp"

namespace sluice::rtmp {
namespace {

using namespace test;

/// What a test compares of a message.
struct Seen {
  unsigned type = 0;
  std::uint32_t stream = 0;
  std::uint32_t timestamp = 0;
  Bytes body;

  bool operator==(const Seen&) const = default;
};

/// Reads all of `in` in pieces of `piece` bytes.
Result<std::vector<Seen>> read(ChunkReader& reader, const Bytes& in, std::size_t piece = SIZE_MAX) {
  std::vector<Seen> seen;
  for (std::size_t at = 0; at < in.size();) {
    BytesView view = BytesView(in).subspan(at, std::min(piece, in.size() - at));
    at += view.size();
    while (true) {
      auto message = reader.next(view);
      if (!message) return fail(message.error());
      if (!*message) break;
      seen.push_back({static_cast<unsigned>((*message)->type), (*message)->stream, (*message)->timestamp,
                      copy((*message)->body.view())});
    }
    EXPECT_TRUE(view.empty()) << "what is offered is taken";
  }
  return seen;
}

/// The messages in `in`, which must be the same however it is cut.
std::vector<Seen> messages(const Bytes& in) {
  ChunkReader whole;
  const auto seen = read(whole, in).value();
  for (const std::size_t piece : {1u, 2u, 3u, 5u, 13u}) {
    ChunkReader cut;
    EXPECT_EQ(read(cut, in, piece).value(), seen) << "in pieces of " << piece;
  }
  return seen;
}

std::error_code error(const Bytes& in, const ChunkLimits& limits = {}) {
  ChunkReader reader(limits);
  const auto seen = read(reader, in);
  return seen ? std::error_code() : seen.error();
}

/// Set Chunk Size, so that tests can be short.
Bytes chunk_size(unsigned size) { return bytes({0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, size}); }

TEST(ChunkReader, ReadsTheExampleOfTheStandard) {  // section 5.3.2.1: four audio messages of 32 bytes, 20 ms apart
  const auto body = pattern(32);
  const auto in = bytes({0x03, 0x00, 0x03, 0xe8, 0x00, 0x00, 0x20, 0x08, 0x39, 0x30, 0x00, 0x00}) + body +  // type 0
                  bytes({0x83, 0x00, 0x00, 0x14}) + body +                                                  // type 2
                  bytes({0xc3}) + body +                                                                    // type 3
                  bytes({0xc3}) + body;
  EXPECT_EQ(messages(in),
            (std::vector<Seen>{
                {8, 12345, 1000, body}, {8, 12345, 1020, body}, {8, 12345, 1040, body}, {8, 12345, 1060, body}}));
}

TEST(ChunkReader, AssemblesALongMessage) {  // section 5.3.2.2: 307 bytes in chunks of 128
  const auto body = pattern(307);
  const auto part = [&](std::size_t at, std::size_t n) { return copy(BytesView(body).subspan(at, n)); };
  const auto in = bytes({0x04, 0x00, 0x03, 0xe8, 0x00, 0x01, 0x33, 0x09, 0x3a, 0x30, 0x00, 0x00}) + part(0, 128) +
                  bytes({0xc4}) + part(128, 128) + bytes({0xc4}) + part(256, 51);
  EXPECT_EQ(messages(in), (std::vector<Seen>{{9, 12346, 1000, body}}));
}

TEST(ChunkReader, ReadsInterleavedMessages) {
  const auto in = chunk_size(2) + bytes({0x04, 0, 0, 1, 0, 0, 3, 9, 1, 0, 0, 0, 'v', 'i'}) +  // video, 3 bytes
                  bytes({0x05, 0, 0, 2, 0, 0, 2, 8, 1, 0, 0, 0, 'a', 'u'}) +                  // audio, in between
                  bytes({0xc4, 'd'}) +                                                        //
                  bytes({0x45, 0, 0, 9, 0, 0, 1, 8, 'x'}) +  // type 1: delta 9, another length
                  bytes({0x44, 0, 0, 4, 0, 0, 0, 18});       // type 1: an empty message
  EXPECT_EQ(
      messages(in),
      (std::vector<Seen>{
          {8, 1, 2, bytes({'a', 'u'})}, {9, 1, 1, bytes({'v', 'i', 'd'})}, {8, 1, 11, bytes({'x'})}, {18, 1, 5, {}}}));
}

TEST(ChunkReader, ReadsChunkStreamIdsInOneTwoAndThreeBytes) {
  for (const std::uint32_t id : {2u, 63u, 64u, 319u, 320u, 65'599u}) {
    Bytes in;
    ByteWriter w(in);
    const auto body = bytes({1, 2, 3, 4, 5});
    write_message(w, {.chunk_stream = id, .type = MessageType::audio, .stream = 1}, {{BytesView(body)}}, 128);
    EXPECT_EQ(messages(in), (std::vector<Seen>{{8, 1, 0, body}})) << id;
  }
  // Two ids that only the third byte tells apart.
  const auto in = bytes({0x01, 0x05, 0x01, 0, 0, 0, 0, 0, 1, 8, 1, 0, 0, 0, 'a'}) +
                  bytes({0x01, 0x05, 0x02, 0, 0, 0, 0, 0, 1, 9, 2, 0, 0, 0, 'b'}) + bytes({0xc1, 0x05, 0x01, 'c'});
  EXPECT_EQ(messages(in),
            (std::vector<Seen>{{8, 1, 0, bytes({'a'})}, {9, 2, 0, bytes({'b'})}, {8, 1, 0, bytes({'c'})}}));
}

TEST(ChunkReader, ReadsExtendedTimestampsWithAndWithoutTheirRepetition) {
  const auto first = bytes({0x04, 0xff, 0xff, 0xff, 0, 0, 6, 9, 1, 0, 0, 0, 0x01, 0x02, 0x03, 0x04, 1, 2, 3, 4});
  const std::vector<Seen> expected{{9, 1, 0x01020304, bytes({1, 2, 3, 4, 5, 6})}};
  EXPECT_EQ(messages(chunk_size(4) + first + bytes({0xc4, 0x01, 0x02, 0x03, 0x04, 5, 6})), expected);
  EXPECT_EQ(messages(chunk_size(4) + first + bytes({0xc4, 5, 6})), expected);
}

TEST(ChunkReader, TakesPayloadThatBeginsLikeTheTimestampForPayload) {
  // The rest of the message is 01 02, and the next chunk 44.. follows: three bytes equal, the fourth does not.
  const auto in = chunk_size(4) +
                  bytes({0x04, 0xff, 0xff, 0xff, 0, 0, 6, 9, 1, 0, 0, 0, 0x01, 0x02, 0x44, 0x44, 1, 2, 3, 4}) +
                  bytes({0xc4, 0x01, 0x02}) +               // no timestamp
                  bytes({0x44, 0, 0, 1, 0, 0, 1, 9, 'x'});  // the next message, delta 1
  EXPECT_EQ(messages(in),
            (std::vector<Seen>{{9, 1, 0x01024444, bytes({1, 2, 3, 4, 0x01, 0x02})}, {9, 1, 0x01024445, bytes({'x'})}}));
}

TEST(ChunkReader, ReadsExtendedDeltasThatGoBack) {  // GStreamer: 1000, then 999 as a delta of -1
  const auto in = bytes({0x04, 0, 0x03, 0xe8, 0, 0, 1, 9, 1, 0, 0, 0, 'a'}) +
                  bytes({0x84, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'b'});
  EXPECT_EQ(messages(in), (std::vector<Seen>{{9, 1, 1000, bytes({'a'})}, {9, 1, 999, bytes({'b'})}}));
}

TEST(ChunkReader, KeepsTheStampWhenTypeThreeFollowsAnExtendedTypeZero) {
  const auto first = bytes({0x04, 0xff, 0xff, 0xff, 0, 0, 1, 9, 1, 0, 0, 0, 0x01, 0x00, 0x00, 0x00, 'a'});
  const std::vector<Seen> expected{{9, 1, 0x01000000, bytes({'a'})}, {9, 1, 0x01000000, bytes({'b'})}};
  EXPECT_EQ(messages(first + bytes({0xc4, 0x01, 0, 0, 0, 'b'})), expected);
  EXPECT_EQ(messages(first + bytes({0xc4, 'b'})), expected) << "librtmp";
}

TEST(ChunkReader, RepeatsTheStampAsDeltaWhenTypeThreeFollowsTypeZero) {  // section 5.3.1.2.4
  const auto in = bytes({0x04, 0, 0, 20, 0, 0, 1, 8, 1, 0, 0, 0, 'a', 0xc4, 'b'});
  EXPECT_EQ(messages(in), (std::vector<Seen>{{8, 1, 20, bytes({'a'})}, {8, 1, 40, bytes({'b'})}}));
}

TEST(ChunkReader, WrapsStampsAt32Bits) {
  const auto in = bytes({0x04, 0xff, 0xff, 0xff, 0, 0, 1, 8, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xf0, 'a'}) +
                  bytes({0x84, 0, 0, 0x20, 'b'});
  EXPECT_EQ(messages(in), (std::vector<Seen>{{8, 1, 0xfffffff0, bytes({'a'})}, {8, 1, 0x10, bytes({'b'})}}));
}

TEST(ChunkReader, BeginsAChunkStreamWithTypeOneAsLibrtmpDoes) {
  EXPECT_EQ(messages(bytes({0x42, 0, 0, 0, 0, 0, 6, 4, 0, 3, 0, 0, 0, 1})),
            (std::vector<Seen>{{4, 0, 0, bytes({0, 3, 0, 0, 0, 1})}}));
  EXPECT_EQ(error(bytes({0x82, 0, 0, 0})), Errc::bad_chunk_header);
  EXPECT_EQ(error(bytes({0xc2})), Errc::bad_chunk_header);
}

TEST(ChunkReader, ObeysSetChunkSizeAndAbort) {
  const auto in = chunk_size(2) + bytes({0x04, 0, 0, 0, 0, 0, 4, 9, 1, 0, 0, 0, 'o', 'l'}) +  // half a message
                  bytes({0x02, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0xc2, 0, 4}) +          // abort chunk stream 4
                  bytes({0x04, 0, 0, 0, 0, 0, 2, 9, 1, 0, 0, 0, 'n', 'w'});
  EXPECT_EQ(messages(in), (std::vector<Seen>{{9, 1, 0, bytes({'n', 'w'})}}));
  ChunkReader reader;
  ASSERT_TRUE(read(reader, in));
  EXPECT_EQ(reader.unfinished_bytes(), 0u);

  EXPECT_EQ(error(chunk_size(0)), Errc::bad_chunk_size);
  EXPECT_EQ(error(bytes({0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0x80, 0, 0, 1})), Errc::bad_chunk_size);
  EXPECT_EQ(error(bytes({0x02, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 1})), Errc::truncated);
}

TEST(ChunkReader, RefusesAMessageInsideAnother) {
  EXPECT_EQ(error(chunk_size(1) + bytes({0x04, 0, 0, 0, 0, 0, 2, 9, 1, 0, 0, 0, 'a'}) +
                  bytes({0x04, 0, 0, 0, 0, 0, 2, 9, 1, 0, 0, 0, 'a'})),
            Errc::unfinished_message);
}

TEST(ChunkReader, KeepsItsLimits) {
  EXPECT_EQ(error(bytes({0x04, 0, 0, 0, 0, 1, 1, 9, 1, 0, 0, 0}), {.message_bytes = 256}), Errc::message_too_large);

  Bytes many;
  ByteWriter w(many);
  for (std::uint32_t id = 2; id < 2 + 65; ++id) write_message(w, {.chunk_stream = id, .type = MessageType::audio}, {});
  EXPECT_EQ(error(many), Errc::too_many_chunk_streams);

  Bytes unfinished;
  for (unsigned id = 3; id < 6; ++id) {
    unfinished = unfinished + bytes({id, 0, 0, 0, 0, 1, 0, 9, 1, 0, 0, 0}) + pattern(128);
  }
  EXPECT_EQ(error(unfinished, {.unfinished_bytes = 383}), Errc::too_much_unfinished);
  EXPECT_EQ(error(unfinished, {.unfinished_bytes = 384}), std::error_code());
}

TEST(ChunkReader, HoldsWhatCameAndNotWhatWasAnnounced) {
  ChunkReader reader;
  Bytes in;
  for (unsigned id = 3; id < 60; ++id) in = in + bytes({id, 0, 0, 0, 0xff, 0xff, 0xff, 9, 1, 0, 0, 0}) + pattern(128);
  ASSERT_TRUE(read(reader, in));
  EXPECT_EQ(reader.unfinished_bytes(), 57u * 128);
}

RC_GTEST_PROP(ChunkReader, ReadsWhatTheWriterWrote, ()) {
  const auto chunk_bytes = *rc::gen::inRange<std::uint32_t>(1, 200);
  Bytes in;
  ByteWriter w(in);
  const auto size = bytes({0, 0, 0, chunk_bytes});
  write_message(w, {.chunk_stream = 2, .type = MessageType::set_chunk_size}, {{BytesView(size)}});
  std::vector<Seen> expected;
  const auto count = *rc::gen::inRange(1, 10);
  for (int i = 0; i < count; ++i) {
    const auto stamp =
        *rc::gen::oneOf(rc::gen::arbitrary<std::uint32_t>(), rc::gen::inRange<std::uint32_t>(0xfffff0, 0x1000010));
    const auto body = pattern(*rc::gen::inRange<std::size_t>(0, 1000), static_cast<unsigned>(i));
    const MessageHeader header{.chunk_stream = *rc::gen::inRange<std::uint32_t>(2, 400),
                               .type = *rc::gen::element(MessageType::audio, MessageType::video, MessageType::data),
                               .stream = *rc::gen::inRange<std::uint32_t>(0, 3),
                               .timestamp = stamp};
    write_message(w, header, {{BytesView(body)}}, chunk_bytes);
    expected.push_back({static_cast<unsigned>(header.type), header.stream, stamp, body});
  }
  ChunkReader reader;
  const auto seen = read(reader, in, *rc::gen::inRange<std::size_t>(1, 300));
  RC_ASSERT(seen.has_value());
  RC_ASSERT(*seen == expected);
}

}  // namespace
}  // namespace sluice::rtmp
