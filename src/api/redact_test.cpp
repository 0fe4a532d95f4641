#include "api/redact.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace sluice::api {
namespace {

TEST(Redact, UrlsLoseUsersAndSecretParameters) {
  EXPECT_EQ(without_secrets("rtsp://admin:p@ss@10.0.0.1:554/a?token=x&profile=1"),
            "rtsp://10.0.0.1:554/a?token=***&profile=1");
  EXPECT_EQ(without_secrets("srt://h:1?passphrase=abc;streamid=y"), "srt://h:1?passphrase=***;streamid=y");
  EXPECT_EQ(without_secrets("token=abc&from=1"), "token=***&from=1");
  EXPECT_EQ(without_secrets("http://a/b?x=http://u:p@c/"), "http://a/b?x=http://c/");
  EXPECT_EQ(without_secrets("fake://fake?size=1x1#a@b"), "fake://fake?size=1x1#a@b");
  EXPECT_EQ(without_secrets("a@b"), "a@b");
  EXPECT_EQ(without_secrets(""), "");
}

TEST(Redact, ParametersAreKnownByTheLastPartOfTheirNames) {
  EXPECT_EQ(without_secrets("a=1&access_token=x&sig=y&X-Api-Key=z&b=2"),
            "a=1&access_token=***&sig=***&X-Api-Key=***&b=2");
}

TEST(Redact, SecretsAreLeftOutWhereverTheyStand) {
  auto value = boost::json::parse(
      R"({"a":{"password":"x","Token":1,"keep":null,"b":[{"cluster_key":"k","url":"rtmp://u:p@h/a"}]},
          "publish":[{"prefix":"live","password":true}]})");
  redact("", value);
  EXPECT_EQ(boost::json::serialize(value),
            R"({"a":{"b":[{"url":"rtmp://h/a"}],"keep":null},"publish":[{"prefix":"live","password":true}]})");
  boost::json::value secret = "x";
  redact("on_play.token", secret);
  EXPECT_TRUE(secret.is_null());
}

}  // namespace
}  // namespace sluice::api
