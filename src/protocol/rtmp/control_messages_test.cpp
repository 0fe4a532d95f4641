#include "protocol/rtmp/control_messages.hpp"

#include <gtest/gtest.h>

#include "protocol/rtmp/errc.hpp"
#include "protocol/rtmp/test_bytes.hpp"

namespace sluice::rtmp {
namespace {

using namespace test;

/// A type 0 header on chunk stream 2 and message stream 0.
Bytes header(unsigned length, unsigned type) { return bytes({0x02, 0, 0, 0, 0, 0, length, type, 0, 0, 0, 0}); }

template <class Write>
Bytes written(Write write) {
  Bytes out;
  ByteWriter w(out);
  write(w);
  return out;
}

TEST(ControlMessages, AreWrittenAsTheStandardHasThem) {
  EXPECT_EQ(written([](auto& w) { write_set_chunk_size(w, 65'536); }), header(4, 1) + bytes({0, 1, 0, 0}));
  EXPECT_EQ(written([](auto& w) { write_acknowledgement(w, 0x01020304); }), header(4, 3) + bytes({1, 2, 3, 4}));
  EXPECT_EQ(written([](auto& w) { write_window_ack_size(w, 2'500'000); }), header(4, 5) + bytes({0, 0x26, 0x25, 0xa0}));
  EXPECT_EQ(written([](auto& w) { write_set_peer_bandwidth(w, 2'500'000); }),
            header(5, 6) + bytes({0, 0x26, 0x25, 0xa0, 2}));  // dynamic
  using enum UserControl::Event;
  EXPECT_EQ(written([](auto& w) { write_user_control(w, {.event = stream_begin, .value = 1}); }),
            header(6, 4) + bytes({0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(
      written([](auto& w) { write_user_control(w, {.event = set_buffer_length, .value = 1, .buffer_ms = 3000}); }),
      header(10, 4) + bytes({0, 3, 0, 0, 0, 1, 0, 0, 0x0b, 0xb8}));
  EXPECT_EQ(written([](auto& w) { write_user_control(w, {.event = ping_response, .value = 0x10203}); }),
            header(6, 4) + bytes({0, 7, 0, 1, 2, 3}));
}

TEST(ControlMessages, AreReadOrRefusedWhenTooShort) {
  EXPECT_EQ(read_control_value(bytes({0, 0x26, 0x25, 0xa0, 2})).value(), 2'500'000u);
  EXPECT_EQ(read_control_value(bytes({0, 0x26, 0x25})).error(), Errc::truncated);

  const auto buffer = read_user_control(bytes({0, 3, 0, 0, 0, 1, 0, 0, 0x0b, 0xb8})).value();
  EXPECT_EQ(buffer.event, UserControl::Event::set_buffer_length);
  EXPECT_EQ(buffer.value, 1u);
  EXPECT_EQ(buffer.buffer_ms, 3000u);
  EXPECT_EQ(static_cast<int>(read_user_control(bytes({0, 31})).value().event), 31)
      << "buffer empty, of Flash Media Server";
  EXPECT_EQ(read_user_control(bytes({0})).error(), Errc::truncated);
}

}  // namespace
}  // namespace sluice::rtmp
