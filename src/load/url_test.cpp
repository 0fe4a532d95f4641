#include "load/url.hpp"

#include <gtest/gtest.h>

#include "load/errc.hpp"

namespace sluice::load {
namespace {

TEST(Url, TellsTheKindBySchemeAndPath) {
  const auto kind = [](std::string_view url) { return parse_target(url).value().kind; };
  EXPECT_EQ(kind("rtmp://h/live/cam"), Kind::rtmp);
  EXPECT_EQ(kind("http://h/live/cam.flv"), Kind::http_flv);
  EXPECT_EQ(kind("http://h/live/cam/flv?token=a.m3u8"), Kind::http_flv);
  EXPECT_EQ(kind("http://h/live/cam/mpegts"), Kind::http_ts);
  EXPECT_EQ(kind("http://h/cam.ts"), Kind::http_ts);
  EXPECT_EQ(kind("http://h/cam/index.m3u8"), Kind::hls);
  EXPECT_EQ(kind("http://h/cam/index.ll.m3u8?token=x"), Kind::hls);
  EXPECT_EQ(kind("tcp://127.0.0.1:9000"), Kind::tcp);
}

TEST(Url, IsTakenApart) {
  const auto http = parse_target("http://example.com:8080/a/b.flv?x=1").value();
  EXPECT_EQ(http.host, "example.com");
  EXPECT_EQ(http.port, 8080);
  EXPECT_EQ(http.path, "/a/b.flv?x=1");
  EXPECT_EQ(parse_target("http://example.com/a.flv").value().port, 80);

  const auto v6 = parse_target("http://[::1]:81/a.flv").value();
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.port, 81);

  const auto rtmp = parse_target("rtmp://h:1936/live/cam?password=p").value();
  EXPECT_EQ(rtmp.app, "live");
  EXPECT_EQ(rtmp.key, "cam?password=p");
  EXPECT_EQ(rtmp.tc_url, "rtmp://h:1936/live");
  EXPECT_EQ(rtmp.port, 1936);
}

TEST(Url, IsRefusedWhereWeWouldNotKnowWhatToDo) {
  for (const std::string_view url :
       {"", "h", "http://h", "http://h/", "http://h/x.mpd", "https://h/x.flv", "rtmp://h", "rtmp://h/app",
        "rtmps://h/a/b", "tcp://h", "tcp://h:0", "tcp://h:70000", "http://:80/x.flv", "http://h:x/x.flv",
        "http://[::1/x.flv", "http://h/a b.flv", "http://h/a\r\nHost: x/.flv"}) {
    EXPECT_EQ(parse_target(url).error(), Errc::bad_url) << url;
  }
}

TEST(Url, ExpandsToOneForEachStream) {
  EXPECT_EQ(expand("rtmp://h/live/cam%d?x", 3),
            (std::vector<std::string>{"rtmp://h/live/cam1?x", "rtmp://h/live/cam2?x", "rtmp://h/live/cam3?x"}));
  EXPECT_EQ(expand("rtmp://h/live/cam", 3), (std::vector<std::string>{"rtmp://h/live/cam"}));
}

TEST(Url, ResolvesNumbersWithoutAskingAnybody) {
  auto target = parse_target("tcp://127.0.0.1:9").value();
  ASSERT_TRUE(resolve(target));
  EXPECT_EQ(target.address, "127.0.0.1");
}

}  // namespace
}  // namespace sluice::load
