#include "load/http_answer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "load/errc.hpp"

namespace sluice::load {
namespace {

AnswerHead head_of(std::string_view text) {
  const auto head = parse_answer_head(as_bytes(text));
  EXPECT_TRUE(head && *head) << text;
  return head && *head ? **head : AnswerHead{};
}

/// The whole body of `text`, which came in pieces of `cut` bytes; an error's name where there is one.
std::string body_of(std::string_view text, std::size_t cut) {
  const auto head = head_of(text);
  AnswerBody body(head);
  text.remove_prefix(head.size);
  std::string out;
  while (!text.empty()) {
    BytesView in = as_bytes(text.substr(0, cut));
    text.remove_prefix(in.size());
    while (!in.empty() && !body.done()) {
      const auto run = body.next(in);
      if (!run) return run.error().message();
      out += as_text(*run);
    }
  }
  return out + (body.done() ? "|" : "");
}

TEST(AnswerHead, SaysWhatAClientNeeds) {
  const auto head = head_of("HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\nX: y\r\n\r\nrest");
  EXPECT_EQ(head.status, 404u);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.size, 52u);
}

TEST(AnswerHead, KnowsWhetherTheConnectionStays) {
  EXPECT_TRUE(head_of("HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n").keep_alive);
  EXPECT_FALSE(head_of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(head_of("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_TRUE(head_of("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  EXPECT_FALSE(head_of("HTTP/1.1 200 OK\r\n\r\n").keep_alive);  // the body ends with the connection
}

TEST(AnswerHead, IsRefusedWhereItIsNone) {
  for (const std::string_view text :
       {"RTSP/1.0 200 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"}) {
    EXPECT_EQ(parse_answer_head(as_bytes(text)).error(), Errc::bad_answer) << text;
  }
  EXPECT_EQ(parse_answer_head(as_bytes("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x'))).error(),
            Errc::answer_too_large);
}

TEST(AnswerHead, CutAnywhereNeedsMore) {
  constexpr std::string_view kWhole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
  for (std::size_t n = 0; n < kWhole.size(); ++n) {
    const auto head = parse_answer_head(as_bytes(kWhole.substr(0, n)));
    ASSERT_TRUE(head) << n;
    EXPECT_FALSE(*head) << n;
  }
}

TEST(AnswerBody, IsTheSameHoweverItIsCut) {
  const std::string counted = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello worldNEXT";
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;name=\"x\"\r\n world\r\n0\r\nA: "
      "b\r\n\r\nNEXT";
  const std::string endless = "HTTP/1.1 200 OK\r\n\r\nhello world";
  for (std::size_t cut = 1; cut < 80; ++cut) {
    EXPECT_EQ(body_of(counted, cut), "hello world|");
    EXPECT_EQ(body_of(chunked, cut), "hello world|");
    EXPECT_EQ(body_of(endless, cut), "hello world");
  }
}

TEST(AnswerBody, RefusesBrokenChunks) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string bad = std::error_code(Errc::bad_answer).message();
  EXPECT_EQ(body_of(head + "x\r\n", 100), bad);
  EXPECT_EQ(body_of(head + "\r\n", 100), bad);
  EXPECT_EQ(body_of(head + "fffffffffffffffff\r\n", 100), bad);
  EXPECT_EQ(body_of(head + "1\r\nabc", 100), bad);
}

TEST(AnswerBody, LetsCountedBytesBePassedOver) {
  AnswerBody body(head_of("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"));
  EXPECT_EQ(body.plain_bytes(), 10u);
  body.skip(4);
  EXPECT_EQ(body.plain_bytes(), 6u);
  body.skip(6);
  EXPECT_TRUE(body.done());
}

TEST(AnswerBody, LetsTheBytesOfAChunkBePassedOver) {
  AnswerBody body(head_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_EQ(body.plain_bytes(), 0u);
  BytesView size = as_bytes("7fffffffffffffff\r\n");  // one chunk for ever, as cubemap sends it
  EXPECT_TRUE(body.next(size)->empty());
  EXPECT_EQ(body.plain_bytes(), 0x7fff'ffff'ffff'ffffu);
  body.skip(0x7fff'ffff'ffff'ffffu);
  EXPECT_EQ(body.plain_bytes(), 0u);
  BytesView end = as_bytes("\r\n0\r\n\r\n");
  EXPECT_TRUE(body.next(end)->empty());
  EXPECT_TRUE(body.done());
}

}  // namespace
}  // namespace sluice::load
