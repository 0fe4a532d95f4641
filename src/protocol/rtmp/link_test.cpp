#include "protocol/rtmp/link.hpp"

#include <gtest/gtest.h>

#include "protocol/rtmp/errc.hpp"
#include "protocol/rtmp/test_bytes.hpp"

namespace sluice::rtmp {
namespace {

using namespace test;

/// A control message: type 0 header on chunk stream 2 and message stream 0.
Bytes control(unsigned type, const Bytes& body) {
  return bytes({0x02, 0, 0, 0, 0, 0, unsigned(body.size()), type, 0, 0, 0, 0}) + body;
}

/// What the link sends when it reads `in`, which holds nothing for others.
Bytes answer(Link& link, const Bytes& in) {
  BytesView view = in;
  EXPECT_FALSE(link.next(view).value());
  return std::exchange(link.output(), {});
}

TEST(Link, AnswersAPingWithItsNumber) {
  Link link({});
  EXPECT_EQ(answer(link, control(4, bytes({0, 6, 1, 2, 3, 4}))), control(4, bytes({0, 7, 1, 2, 3, 4})));
}

TEST(Link, AnswersAPeerBandwidthWithTheWindowWhenItChanges) {
  Link link({});
  const auto bandwidth = control(6, bytes({0, 0x10, 0, 0, 2}));
  EXPECT_EQ(answer(link, bandwidth), control(5, bytes({0, 0x10, 0, 0})));
  EXPECT_EQ(answer(link, bandwidth), Bytes());
  EXPECT_EQ(answer(link, control(3, bytes({0, 0, 1, 0}))), Bytes()) << "an acknowledgement needs no answer";
}

TEST(Link, AcknowledgesAtHalfTheWindow) {
  Link link({});
  EXPECT_EQ(answer(link, control(5, bytes({0, 0, 0x20, 0}))), Bytes());                 // 16 bytes read; window 8192
  const auto audio = bytes({0x04, 0, 0, 0, 0, 0x10, 0, 8, 1, 0, 0, 0}) + pattern(128);  // the first 140 of a message
  EXPECT_EQ(answer(link, audio), Bytes());
  Bytes rest;
  for (int i = 0; i < 31; ++i) rest = rest + bytes({0xc4}) + pattern(128);
  BytesView view = rest;
  EXPECT_TRUE(link.next(view).value());
  EXPECT_EQ(link.output(), control(3, bytes({0, 0, 0x10, 0x3b})));  // 16 + 140 + 31 * 129 = 4155
}

TEST(Link, DoesNotAcknowledgeEachByteOfATinyWindow) {
  Link link({});
  EXPECT_EQ(answer(link, control(5, bytes({0, 0, 0, 1}))), Bytes());
  EXPECT_EQ(answer(link, control(4, bytes({0, 0, 0, 0, 0, 1}))), Bytes());
}

TEST(Link, RefusesControlMessagesThatAreTooShort) {
  for (const unsigned type : {4u, 5u, 6u}) {
    Link link({});
    const auto in = control(type, bytes({0}));
    BytesView view = in;
    EXPECT_EQ(link.next(view).error(), Errc::truncated) << type;
  }
}

}  // namespace
}  // namespace sluice::rtmp
