#include "config/kind.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sluice::config {
namespace {

using namespace std::chrono_literals;

/// `spelling` is read as `value`, which is printed as `printed`.
template <class V>
void expect_value(const Kind<V>& kind, std::string_view spelling, const V& value, std::string_view printed) {
  const auto read = kind.parse(spelling);
  ASSERT_TRUE(read) << spelling;
  EXPECT_EQ(*read, value) << spelling;
  EXPECT_EQ(kind.print(value), printed);
  EXPECT_EQ(kind.parse(printed), value);
}

template <class V>
void expect_refused(const Kind<V>& kind, std::initializer_list<std::string_view> spellings) {
  for (const auto spelling : spellings) EXPECT_FALSE(kind.parse(spelling)) << "'" << spelling << "'";
}

TEST(Kind, Flag) {
  expect_value(flag(), "true", true, "true");
  expect_value(flag(), "on", true, "true");
  expect_value(flag(), "off", false, "false");
  expect_refused(flag(), {"", "1", "yes", "TRUE"});
}

TEST(Kind, Integer) {
  const auto kind = integer(2, 200);
  EXPECT_EQ(kind.expected, "a whole number from 2 to 200");
  expect_value(kind, "2", 2, "2");
  expect_value(kind, "200", 200, "200");
  expect_refused(kind, {"", "1", "201", "-2", "+2", " 2", "2 ", "2.0", "0x2", "99999999999999999999"});
}

TEST(Kind, Seconds) {
  const auto kind = seconds(1s, 24h * 365);
  expect_value(kind, "10", std::chrono::seconds(10s), "10");
  expect_value(kind, "90s", std::chrono::seconds(90s), "90");
  expect_value(kind, "20m", std::chrono::seconds(20min), "1200");
  expect_value(kind, "20h", std::chrono::seconds(20h), "72000");
  expect_value(kind, "5d", std::chrono::seconds(120h), "432000");
  expect_value(kind, "2w", std::chrono::seconds(336h), "1209600");
  expect_refused(kind, {"", "h", "0", "1y", "1.5", "-1", "false", "366d", "9223372036854775807w"});
}

TEST(Kind, SecondsOrNever) {
  const auto kind = seconds_or_never(0s, 60s);
  expect_value(kind, "false", std::chrono::seconds::max(), "false");
  expect_value(kind, "0", std::chrono::seconds(0s), "0");
  expect_refused(kind, {"never", "61"});
}

TEST(Kind, DecimalSeconds) {
  const auto kind = decimal_seconds(500ms, 15s);
  expect_value(kind, "4", std::chrono::milliseconds(4s), "4");
  expect_value(kind, "2.5", 2500ms, "2.5");
  expect_value(kind, "1.001", 1001ms, "1.001");
  expect_value(kind, "0.50", 500ms, "0.5");
  expect_refused(kind, {"", ".", "4.", ".5", "1.0001", "1.5s", "16", "0.499", "1.-5", "-1", "99999999999"});
}

TEST(Kind, Milliseconds) {
  expect_value(milliseconds(50ms, 2s), "200", 200ms, "200");
  expect_refused(milliseconds(50ms, 2s), {"49", "2001", "200ms", "0.2"});
}

TEST(Kind, Kbitrate) {
  expect_value(kbitrate(50, 50'000), "1200", 1200u, "1200");
  expect_value(kbitrate(50, 50'000), "6400k", 6400u, "6400");
  expect_value(kbitrate(50, 50'000), "40M", 40'000u, "40000");
  expect_refused(kbitrate(50, 50'000), {"", "k", "49", "51M", "1.5M", "1G"});
}

TEST(Kind, ListenAddress) {
  expect_value(listen_address(), "80", ListenAddress{"", 80}, "80");
  expect_value(listen_address(), "127.0.0.1:8080", ListenAddress{"127.0.0.1", 8080}, "127.0.0.1:8080");
  expect_value(listen_address(), "[::1]:80", ListenAddress{"::1", 80}, "[::1]:80");
  expect_refused(listen_address(), {"", "0", "65536", "localhost:80", "::1:80", ":80", "127.0.0.1:", "127.0.0.1",
                                    "[127.0.0.1]:80", "[::1]80", "1.2.3.4.5:80"});
}

TEST(Kind, Uri) {
  expect_value(uri(), "http://cdn/x?a=%20#b", std::string("http://cdn/x?a=%20#b"), "http://cdn/x?a=%20#b");
  expect_refused(uri(), {"", "a b", "a\"b", "a<b", "ä"});
}

TEST(Kind, TextIsBounded) {
  expect_value(text("TEXT", 3), "abc", std::string("abc"), "abc");
  expect_refused(text("TEXT", 3), {"abcd"});
  EXPECT_EQ(text().spell("false"), "\"false\"");
}

TEST(Kind, OneOf) {
  const auto kind = one_of<int>({{"low", 1}, {"high", 2}, {"top", 2}});
  EXPECT_EQ(kind.syntax, "low|high|top");
  EXPECT_EQ(kind.expected, "one of low high top");
  expect_value(kind, "top", 2, "high");
  expect_refused(kind, {"", "lo", "LOW"});
}

RC_GTEST_PROP(Kind, EveryPrintedValueIsReadBack, ()) {
  const auto millis = std::chrono::milliseconds(*rc::gen::inRange<std::int64_t>(1, 1'000'000));
  const auto duration = decimal_seconds(1ms, 1000s);
  RC_ASSERT(duration.parse(duration.print(millis)) == std::optional(millis));
}

}  // namespace
}  // namespace sluice::config
