#include "protocol/rtmp/stream_address.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sluice::rtmp {
namespace {

std::string name(std::string_view app, std::string_view key) {
  return stream_address(app, std::string("rtmp://host/") + std::string(app), key).name;
}

TEST(StreamAddress, JoinsApplicationAndKey) {
  EXPECT_EQ(name("client15", "published1"), "client15/published1");
  EXPECT_EQ(name("client15", "a/b"), "client15/a/b") << "a key may hold slashes";
  EXPECT_EQ(name("client15/a", "b"), "client15/a/b") << "ffmpeg takes all but the last segment for the application";
  EXPECT_EQ(name("client15/", "/published1"), "client15/published1");
}

TEST(StreamAddress, LeavesStaticOut) {
  EXPECT_EQ(name("static", "published"), "published");
  EXPECT_EQ(name("static", "a/b/c"), "a/b/c");
  EXPECT_EQ(name("static/a", "b"), "a/b") << "ffmpeg again";
  EXPECT_EQ(name("rtmp", "published"), "published");
  EXPECT_EQ(name("static", "static/b"), "static/b") << "once";
  EXPECT_EQ(name("statics", "b"), "statics/b");
}

TEST(StreamAddress, TakesTheApplicationForTheNameWithoutAKey) {
  EXPECT_EQ(name("published", ""), "published");
  EXPECT_EQ(name("published?token=1", ""), "published");
  EXPECT_EQ(name("", "published"), "published");
  EXPECT_EQ(name("", ""), "");
  EXPECT_EQ(name("static", ""), "static");
}

TEST(StreamAddress, LeavesOutWhatTellsAFlashPlayerTheType) {
  EXPECT_EQ(name("movies", "mp4:a/b.mp4"), "movies/a/b.mp4");
  EXPECT_EQ(name("movies", "flv:b"), "movies/b");
}

TEST(StreamAddress, ReadsTheQueryOfKeyAndApplication) {
  const auto of_key = stream_address("static?token=app", "rtmp://h/static?token=url", "s?token=key&password=a%2Fb%");
  EXPECT_EQ(of_key.name, "s");
  EXPECT_EQ(of_key.query, (Query{{"token", "key"}, {"password", "a/b%"}, {"token", "app"}}));
  EXPECT_EQ(find(of_key.query, "token"), "key") << "the nearest to the stream counts";
  EXPECT_EQ(find(of_key.query, "none"), std::nullopt);

  const auto of_url = stream_address("static", "rtmp://h/static?a=1&&b&c==&=d", "s");
  EXPECT_EQ(of_url.query, (Query{{"a", "1"}, {"b", ""}, {"c", "="}}));
}

TEST(StreamAddress, ReadsABoundedNumberOfParameters) {
  std::string key = "s?";
  for (int i = 0; i < 1000; ++i) key += "a=1&";
  EXPECT_EQ(stream_address("static", "", key).query.size(), 64u);
}

TEST(Url, IsTakenApart) {
  const auto url = parse_url("rtmp://host:1936/static/a/b?token=x/y").value();
  EXPECT_EQ(url, (Url{.tls = false,
                      .host = "host",
                      .port = 1936,
                      .app = "static",
                      .key = "a/b?token=x/y",
                      .tc_url = "rtmp://host:1936/static"}));
  const auto without_key = parse_url("rtmps://user:secret@[::1]/published?token=x/y").value();
  EXPECT_EQ(without_key, (Url{.tls = true,
                              .host = "::1",
                              .port = 443,
                              .app = "published?token=x/y",
                              .key = "",
                              .tc_url = "rtmps://[::1]/published?token=x/y"}));
  EXPECT_EQ(parse_url("rtmp://host/a")->port, 1935);
  EXPECT_EQ(parse_url("rtmp://[::1]:77/a")->port, 77);
}

TEST(Url, IsRefusedWhenItIsNone) {
  for (const auto* url :
       {"", "rtmp", "http://host/a", "rtmp://", "rtmp://host", "rtmp://host/", "rtmp://:1/a", "rtmp://host:0/a",
        "rtmp://host:65536/a", "rtmp://host:/a", "rtmp://host:1x/a", "rtmp://[::1/a", "rtmp://host/?a=b"}) {
    EXPECT_EQ(parse_url(url), std::nullopt) << url;
  }
}

RC_GTEST_PROP(Url, NamesTheStreamThatTheServerFinds, ()) {
  const auto segment = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', 'z')));
  const auto segments = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(segment));
  std::string path;
  for (const auto& s : segments) path += "/" + s;
  RC_PRE(segments.front() != "static" && segments.front() != "rtmp");
  const auto url = parse_url("rtmp://host" + path + "?token=1");
  RC_ASSERT(url.has_value());
  const auto address = stream_address(url->app, url->tc_url, url->key);
  RC_ASSERT("/" + address.name == path);
  RC_ASSERT(address.query == (Query{{"token", "1"}}));
}

}  // namespace
}  // namespace sluice::rtmp
