#include "format/m3u8/values.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sluice::m3u8 {
namespace {

using std::chrono::microseconds;

std::string seconds_text(Duration d) {
  std::string out;
  append_seconds(out, d);
  return out;
}
std::string date_text(std::int64_t us) {
  std::string out;
  append_date_time(out, UtcTime(microseconds(us)));
  return out;
}
std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

TEST(Values, IntegersHaveDigitsOnly) {
  EXPECT_EQ(parse_integer("18446744073709551615"), 18446744073709551615u);
  for (const auto* bad : {"", "+1", "-1", "1 ", " 1", "0x1", "1.0", "18446744073709551616"}) {
    EXPECT_EQ(parse_integer(bad), std::nullopt) << bad;
  }
}

TEST(Values, SecondsAreExactToTheMicrosecond) {
  EXPECT_EQ(parse_seconds("6"), microseconds(6'000'000));
  EXPECT_EQ(parse_seconds("0.33334"), microseconds(333'340));
  EXPECT_EQ(parse_seconds("4.0000805"), microseconds(4'000'081)) << "rounded at the seventh digit";
  for (const auto* bad : {"", ".5", "5.", "-1", "1e3", "1..2", "1.2.3", "10000000", "nan", "inf"}) {
    EXPECT_EQ(parse_seconds(bad), std::nullopt) << bad;
  }
}

TEST(Values, SecondsHaveThreeToSixDecimals) {
  EXPECT_EQ(seconds_text(microseconds(200'000)), "0.200");
  EXPECT_EQ(seconds_text(microseconds(333'670)), "0.33367");
  EXPECT_EQ(seconds_text(microseconds(1)), "0.000001");
  std::string out;
  append_milliseconds(out, microseconds(5'999'500));
  EXPECT_EQ(out, "6.000") << "EXTINF is rounded to nearest";
}

TEST(Values, DatesAreRead) {
  const auto utc = parse_date_time("2010-02-19T06:54:23.031Z");
  ASSERT_TRUE(utc);
  EXPECT_EQ(utc->time_since_epoch(), microseconds(1'266'562'463'031'000));
  EXPECT_EQ(parse_date_time("2010-02-19T14:54:23.031+08:00"), utc);
  EXPECT_EQ(parse_date_time("2010-02-19T14:54:23.031+0800"), utc);
  EXPECT_EQ(parse_date_time("2010-02-18T22:54:23.031-08"), utc);
  EXPECT_EQ(parse_date_time("2010-02-19T06:54:23.031"), utc) << "without a zone it is UTC";
  EXPECT_EQ(date_text(1'266'562'463'031'000), "2010-02-19T06:54:23.031Z");
  EXPECT_EQ(date_text(1'266'562'463'999'500), "2010-02-19T06:54:24.000Z") << "rounding carries";
}

TEST(Values, MalformedDatesAreRefused) {
  for (const auto* bad :
       {"", "2010-02-30T00:00:00Z", "2010-13-01T00:00:00Z", "2010-02-19 06:54:23Z", "2010-02-19T24:00:00Z",
        "2010-02-19T06:54:23.Z", "2010-02-19T06:54:23Zx", "2010-02-19T06:54Z", "2010-02-19T06:54:60Z",
        "2010-02-19T06:54:23+8", "20100219T065423Z", "2010-02-19T0a:54:23Z"}) {
    EXPECT_EQ(parse_date_time(bad), std::nullopt) << bad;
  }
}

TEST(Values, EveryPrefixOfADateIsRefusedOrADateWithoutItsTail) {
  const std::string_view whole = "2010-02-19T14:54:23.031+08:00";
  for (std::size_t n = 0; n < 19; ++n) EXPECT_EQ(parse_date_time(whole.substr(0, n)), std::nullopt) << n;
}

RC_GTEST_PROP(Values, DurationsRoundTrip, ()) {
  const Duration d(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
  RC_ASSERT(parse_seconds(seconds_text(d)) == d);
}

RC_GTEST_PROP(Values, DatesRoundTripInMilliseconds, ()) {
  const auto ms = *rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000);  // up to 2100
  RC_ASSERT(parse_date_time(date_text(ms * 1000)) == UtcTime(std::chrono::milliseconds(ms)));
}

TEST(Values, QuotedStringsHoldWhateverTheSourceCallsItself) {
  EXPECT_EQ(quoted("eng a1"), "\"eng a1\"");
  EXPECT_EQ(quoted("Grüße €"), "\"Grüße €\"");
  EXPECT_EQ(quoted("a\"b\r\nc\x7f"), "\"a'b  c \"");
  EXPECT_EQ(quoted("{$var}"), "\"($var}\"") << "would be a variable reference, section 4.3";
  EXPECT_EQ(quoted("\xc2\x85|\xff|\xe2\x82"), "\"  | |  \"") << "C1 control character, not UTF-8, cut short";
}

}  // namespace
}  // namespace sluice::m3u8
