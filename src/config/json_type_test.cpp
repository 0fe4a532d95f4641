#include "config/json_type.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "config/kind.hpp"

namespace sluice::config {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

TEST(JsonType, SecondsOfAFileAreWhatTheApiCountsIn) {
  EXPECT_EQ(decimal_seconds(1s, 15s).to_json(2500ms), 2500);
  EXPECT_EQ(decimal_seconds(1s, 15s).from_json(2500), 2500ms);
  EXPECT_EQ(decimal_seconds(1s, 15s).from_json(500), std::nullopt);
  EXPECT_EQ(decimal_seconds(0s, 15s).from_json(-500), std::nullopt);
  EXPECT_EQ(seconds(0s, 10s).to_json(5s), 5);
  EXPECT_EQ(seconds_or_never(0s, 10s).to_json(std::chrono::seconds::max()), false);
  EXPECT_EQ(seconds_or_never(0s, 10s).from_json(false), std::chrono::seconds::max());
  EXPECT_EQ(seconds_or_never(0s, 10s).from_json(true), std::nullopt);
  EXPECT_EQ(milliseconds(0s, 2s).from_json(200), 200ms);
}

TEST(JsonType, TakesNoOtherTypeForItsOwn) {
  EXPECT_EQ(flag().from_json("true"), std::nullopt);
  EXPECT_EQ(flag().from_json(1), std::nullopt);
  EXPECT_EQ(integer(1, 5).from_json("3"), std::nullopt);
  EXPECT_EQ(integer(1, 5).from_json(3.5), std::nullopt);
  EXPECT_EQ(integer(1, 5).from_json(true), std::nullopt);
  EXPECT_EQ(text().from_json(3), std::nullopt);
  EXPECT_EQ(text().from_json(nullptr), std::nullopt);
  EXPECT_EQ(text().from_json(json::object()), std::nullopt);
  EXPECT_EQ(text().from_json("a\tb"), std::nullopt) << "no file can hold it";
  EXPECT_EQ(one_of<int>({{"low", 1}}).from_json("high"), std::nullopt);
}

TEST(JsonType, KnowsTheIntegersOfJson) {
  EXPECT_EQ(as_integer(json::parse("5")), 5);
  EXPECT_EQ(as_integer(json::parse("5.0")), 5);
  EXPECT_EQ(as_integer(json::parse("-5e2")), -500);
  EXPECT_EQ(as_integer(json::parse("9223372036854775807")), INT64_MAX);
  EXPECT_EQ(as_integer(json::parse("9223372036854775808")), std::nullopt);
  EXPECT_EQ(as_integer(json::parse("1e300")), std::nullopt);
  EXPECT_EQ(as_integer(json::parse("0.5")), std::nullopt);
  EXPECT_EQ(as_integer(json::parse("\"5\"")), std::nullopt);
}

TEST(JsonType, IsDescribedForProgramsAndPeople) {
  const JsonType type{.string = true,
                      .words = {"video"},
                      .integer = JsonType::Range{0, 1000},
                      .booleans = {false},
                      .unit = "milliseconds"};
  EXPECT_EQ(json::value(schema_of(type)), json::parse(R"({"anyOf": [
      {"const": false},
      {"type": "integer", "minimum": 0, "maximum": 1000, "x-unit": "milliseconds"},
      {"type": "string", "enum": ["video"]}]})"));
  EXPECT_EQ(describe(type), R"(a whole number from 0 to 1000 (milliseconds), or false, or "video")");
  EXPECT_EQ(json::value(schema_of(JsonType::flag())), json::parse(R"({"type": "boolean"})"));
  EXPECT_EQ(describe(JsonType::text()), "");
}

}  // namespace
}  // namespace sluice::config
