#include "core/log_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

namespace sluice::log {
namespace {

using namespace std::chrono_literals;

constexpr auto kTime = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 13h + 7min + 35s + 84ms + 999us;

std::string text(Fields fields) {
  std::string out;
  append_fields(out, Format::text, fields);
  return out;
}
std::string json(Fields fields) {
  std::string out;
  append_fields(out, Format::json, fields);
  return out;
}
/// What becomes of a value.
std::string shown(std::string_view value) { return text({{"v", value}}).substr(3); }

TEST(LogLine, IsForPeopleOrForPrograms) {
  EXPECT_EQ(line({Format::text, Level::info, "source connected", text({{"stream", "live/mine"}, {"tries", 3}})}, kTime),
            "2026-11-21T13:07:35.084Z info source connected stream=live/mine tries=3\n");
  EXPECT_EQ(line({Format::json, Level::error, "cannot listen", json({{"address", "::"}, {"port", 80u}})}, kTime),
            R"({"time":"2026-11-21T13:07:35.084Z","level":"error","message":"cannot listen","address":"::","port":80})"
            "\n");
}

TEST(LogLine, SaysHowManyAreNotWritten) {
  EXPECT_EQ(line({Format::text, Level::warning, "x", ""}, kTime, 1234),
            "2026-11-21T13:07:35.084Z warning x repeated=1234\n");
}

TEST(LogLine, HasNumbersAndFlagsAsSuch) {
  EXPECT_EQ(json({{"a", -1}, {"b", 18446744073709551615u}, {"c", 0.25}, {"d", true}}),
            R"(,"a":-1,"b":18446744073709551615,"c":0.25,"d":true)");
}

TEST(LogLine, StaysOneLineWhateverPeersSend) {
  EXPECT_EQ(shown("two words"), "\"two words\"");
  EXPECT_EQ(shown(""), "\"\"");
  EXPECT_EQ(shown("a\nb\x1b[2J\"\\"), R"("a\x0ab\x1b[2J\"\\")");
  EXPECT_EQ(json({{"v", "a\nb\x7f\"\\\t"}}), R"(,"v":"a\u000ab\u007f\"\\\u0009")");
}

TEST(LogLine, IsValidUtf8InJson) {
  EXPECT_EQ(json({{"v", "Zürich €\U0001F600"}}), ",\"v\":\"Zürich €\U0001F600\"");
  // A lone continuation byte, an overlong '/', a surrogate, a character beyond U+10FFFF, a cut off one.
  EXPECT_EQ(json({{"v", "\x80"}}), ",\"v\":\"\ufffd\"");
  EXPECT_EQ(json({{"v", "\xc0\xaf"}}), ",\"v\":\"\ufffd\ufffd\"");
  EXPECT_EQ(json({{"v", "\xed\xa0\x80"}}), ",\"v\":\"\ufffd\ufffd\ufffd\"");
  EXPECT_EQ(json({{"v", "\xf4\x90\x80\x80"}}), ",\"v\":\"\ufffd\ufffd\ufffd\ufffd\"");
  EXPECT_EQ(json({{"v", "a\xe2\x82"}}), ",\"v\":\"a\ufffd\ufffd\"");
}

TEST(LogLine, MasksPasswordsInUrls) {
  EXPECT_EQ(shown("rtmp://user:secret@host/live"), "rtmp://user:***@host/live");
  EXPECT_EQ(shown("rtsp://user:se:cr@et@host/live"), "rtsp://user:***@host/live");
  EXPECT_EQ(shown("http://apikey@host/path"), "http://***@host/path");
  EXPECT_EQ(shown("http://host/a@b"), "http://host/a@b");
  EXPECT_EQ(shown("from http://u:p@a/ to http://u:q@b/"), "\"from http://u:***@a/ to http://u:***@b/\"");
}

TEST(LogLine, MasksParametersThatAreSecret) {
  EXPECT_EQ(shown("/live/mine/index.m3u8?token=abc&x=1"), "/live/mine/index.m3u8?token=***&x=1");
  EXPECT_EQ(shown("live/mine?password=a=b;c"), "live/mine?password=***;c");
  EXPECT_EQ(shown("?access_token=1&X-Api-Key=2&PASSWORD=3"), "?access_token=***&X-Api-Key=***&PASSWORD=***");
  EXPECT_EQ(shown("srt://h:1?streamid=#!::m=request&passphrase=0987654321"),
            "srt://h:1?streamid=#!::m=request&passphrase=***");
  EXPECT_EQ(shown("?monkey=1&token=&broken=2"), "?monkey=1&token=&broken=2");
}

TEST(LogLine, MasksFieldsThatAreSecret) {
  EXPECT_EQ(text({{"token", "abc"}, {"cluster_key", "def"}}), " token=*** cluster_key=***");
  EXPECT_EQ(json({{"password", "abc"}}), R"(,"password":"***")");
}

RC_GTEST_PROP(LogLine, NoByteEndsTheLine, (const std::string& value)) {
  for (const auto& out : {text({{"v", value}}), json({{"v", value}})}) {
    RC_ASSERT(std::ranges::none_of(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
  }
}

RC_GTEST_PROP(LogLine, NoSecretIsInIt, (const std::string& before, const std::string& after)) {
  RC_PRE(!before.ends_with('=') && before.find_first_of("@/") == std::string::npos);
  const auto out = text({{"v", before + " token=hunter2&" + after}});
  RC_ASSERT(out.find("hunter2") == std::string::npos);
}

}  // namespace
}  // namespace sluice::log
