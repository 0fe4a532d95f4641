#include "protocol/rtmp/chunk_writer.hpp"

#include <gtest/gtest.h>

#include "protocol/rtmp/test_bytes.hpp"

namespace sluice::rtmp {
namespace {

using namespace test;

Bytes written(const MessageHeader& header, std::initializer_list<BytesView> parts,
              std::uint32_t chunk_bytes = kChunkBytes) {
  Bytes out;
  ByteWriter w(out);
  write_message(w, header, parts, chunk_bytes);
  return out;
}

TEST(ChunkWriter, WritesOneChunkWithATypeZeroHeader) {
  const auto body = bytes({0x17, 0x01, 0x00});
  EXPECT_EQ(written({.chunk_stream = 6, .type = MessageType::video, .stream = 1, .timestamp = 0x010203}, {body}),
            bytes({0x06,                    // format 0, chunk stream 6
                   0x01, 0x02, 0x03,        // timestamp
                   0x00, 0x00, 0x03,        // length
                   0x09,                    // video
                   0x01, 0x00, 0x00, 0x00,  // message stream 1, little-endian
                   0x17, 0x01, 0x00}));
}

TEST(ChunkWriter, CutsTheBodyAcrossItsParts) {
  const auto out = written({.chunk_stream = 4, .type = MessageType::audio, .stream = 1, .timestamp = 7},
                           {bytes({1, 2, 3}), bytes({}), bytes({4, 5, 6, 7, 8})}, 4);
  EXPECT_EQ(out, bytes({0x04, 0, 0, 7, 0, 0, 8, 8, 1, 0, 0, 0,  //
                        1,    2, 3, 4,                          //
                        0xc4,                                   // format 3
                        5,    6, 7, 8}))
      << "a body that ends with a chunk has no empty chunk behind it";
}

TEST(ChunkWriter, RepeatsTheExtendedTimestamp) {
  const auto out = written({.chunk_stream = 6, .type = MessageType::video, .stream = 1, .timestamp = 0xffffff},
                           {bytes({1, 2, 3})}, 2);
  EXPECT_EQ(out, bytes({0x06, 0xff, 0xff, 0xff, 0,    0, 3, 9, 1, 0, 0, 0,  //
                        0x00, 0xff, 0xff, 0xff,                             // extended timestamp
                        1,    2,                                            //
                        0xc6, 0x00, 0xff, 0xff, 0xff,                       // and again
                        3}));
  EXPECT_EQ(written({.chunk_stream = 6, .type = MessageType::video, .timestamp = 0xfffffe}, {}),
            bytes({0x06, 0xff, 0xff, 0xfe, 0, 0, 0, 9, 0, 0, 0, 0}));
}

TEST(ChunkWriter, WritesChunkStreamIdsInOneTwoAndThreeBytes) {
  const auto id = [](std::uint32_t chunk_stream) {
    const auto out = written({.chunk_stream = chunk_stream, .type = MessageType::data}, {});
    return Bytes(out.begin(), out.end() - 11);
  };
  EXPECT_EQ(id(2), bytes({0x02}));
  EXPECT_EQ(id(63), bytes({0x3f}));
  EXPECT_EQ(id(64), bytes({0x00, 0x00}));
  EXPECT_EQ(id(319), bytes({0x00, 0xff}));
  EXPECT_EQ(id(320), bytes({0x01, 0x00, 0x01}));
  EXPECT_EQ(id(65'599), bytes({0x01, 0xff, 0xff}));
}

TEST(ChunkWriter, PutsMediaOnChunkStreamsOfTheirOwn) {
  EXPECT_EQ(media_header(flv::Message::Type::audio, 5).chunk_stream, kAudioChunks);
  EXPECT_EQ(media_header(flv::Message::Type::video, 5).chunk_stream, kVideoChunks);
  EXPECT_EQ(media_header(flv::Message::Type::script, 5).type, MessageType::data);
  EXPECT_EQ(media_header(flv::Message::Type::video, 5).stream, 1u);
}

}  // namespace
}  // namespace sluice::rtmp
