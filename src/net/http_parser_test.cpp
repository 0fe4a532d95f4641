#include "net/http_parser.hpp"

#include <gtest/gtest.h>

namespace sluice::net {
namespace {

Result<std::optional<HttpHead>> parse(std::string_view text) { return parse_http_head(as_bytes(text)); }

constexpr std::string_view kRequest =
    "GET /live/a%2Db/index.m3u8?token=a%20b&x&y=1 HTTP/1.1\r\n"
    "Host: example.com\r\n"
    "User-Agent: Mozilla/5.0\r\n"
    "Accept-Encoding: deflate, gzip;q=0.5\r\n"
    "If-None-Match: \"abc\"\r\n"
    "\r\n";

TEST(HttpParser, ReadsWhatAServerNeeds) {
  const auto head = parse(kRequest);
  ASSERT_TRUE(head && *head);
  const HttpRequest& r = (*head)->request;
  EXPECT_EQ(r.method, "GET");
  EXPECT_EQ(r.path, "/live/a-b/index.m3u8");
  EXPECT_EQ(r.query, "token=a%20b&x&y=1");
  EXPECT_EQ(r.query_value("token"), "a b");
  EXPECT_EQ(r.query_value("x"), "");
  EXPECT_EQ(r.query_value("z"), std::nullopt);
  EXPECT_EQ(r.host, "example.com");
  EXPECT_EQ(r.user_agent, "Mozilla/5.0");
  EXPECT_EQ(r.if_none_match, "\"abc\"");
  EXPECT_TRUE(r.accepts_gzip);
  EXPECT_TRUE((*head)->keep_alive);
  EXPECT_EQ((*head)->size, kRequest.size());
}

TEST(HttpParser, KnowsForWhomABrowserOrAProxyAsks) {
  const auto request = [](std::string_view line) {
    return (*parse(std::string("GET / HTTP/1.1\r\nHost: h\r\n").append(line).append("\r\n\r\n")))->request;
  };
  for (const auto* line : {"Sec-Fetch-Site: cross-site", "sec-fetch-site: same-site"}) {
    EXPECT_TRUE(request(line).cross_site) << line;
  }
  for (const auto* line : {"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "Accept: */*"}) {
    EXPECT_FALSE(request(line).cross_site) << line;
    EXPECT_FALSE(request(line).forwarded) << line;
  }
  for (const auto* line : {"Via: 1.1 cache", "Forwarded: for=192.0.2.1", "X-Forwarded-For: 192.0.2.1",
                           "x-forwarded-proto: https", "x-real-ip: 1"}) {
    EXPECT_TRUE(request(line).forwarded) << line;
  }
  EXPECT_TRUE((*parse("GET / HTTP/1.0\r\nHost: h\r\n\r\n"))->request.forwarded) << "a proxy that was told nothing else";
}

TEST(HttpParser, EveryPrefixNeedsMore) {
  for (std::size_t n = 0; n < kRequest.size(); ++n) {
    const auto head = parse(kRequest.substr(0, n));
    ASSERT_TRUE(head) << n;
    EXPECT_FALSE(*head) << n;
  }
}

TEST(HttpParser, RefusesWhatIsNoRequest) {
  for (const char* bad : {
           "GET index HTTP/1.1\r\n\r\n",                                                 // no slash
           "GET /%zz HTTP/1.1\r\n\r\n",                                                  // broken escape
           "GET /%4 HTTP/1.1\r\n\r\n",                                                   // short escape
           "GET / HTTP/2.0\r\n\r\n",                                                     // not HTTP/1
           "GET / HTTP/1.1\r\nHost : h\r\n\r\n",                                         // space before the colon
           "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",           // two lengths
           "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",  // length and chunks
           "\x16\x03\x01\x02\x00\x01\r\n\r\n",                                           // TLS on a plain port
       }) {
    EXPECT_EQ(parse(bad).error(), Errc::bad_request) << bad;
  }
}

TEST(HttpParser, BoundsTheHead) {
  const std::string endless = "GET / HTTP/1.1\r\nX: " + std::string(kMostHeadBytes, 'x');
  EXPECT_EQ(parse(endless).error(), Errc::head_too_large);
}

TEST(HttpParser, KnowsWhenToClose) {
  EXPECT_FALSE((*parse("GET / HTTP/1.0\r\n\r\n"))->keep_alive);
  EXPECT_FALSE((*parse("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"))->keep_alive);
  EXPECT_TRUE((*parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))->keep_alive);
}

TEST(PercentDecode, DecodesOnce) {
  EXPECT_EQ(percent_decode("%252f"), "%2f");
  EXPECT_EQ(percent_decode("a%00b"), std::string("a\0b", 3));
  EXPECT_EQ(percent_decode("%"), std::nullopt);
}

}  // namespace
}  // namespace sluice::net
