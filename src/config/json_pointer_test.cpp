#include "config/json_pointer.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace sluice::config {
namespace {

namespace json = boost::json;

json::value merged(std::string_view target, std::string_view patch) {
  auto object = json::parse(target).as_object();
  merge(object, json::parse(patch).as_object());
  return object;
}

TEST(JsonPointer, FollowsTheWayIntoADocument) {
  JsonPointer pointer;
  {
    const auto list = pointer.enter("listeners.http");
    const auto entry = pointer.enter(std::size_t{1});
    EXPECT_EQ(pointer.text(), "/listeners/http/1");
    EXPECT_EQ(json::value(steps_of(pointer.text())), json::parse(R"(["listeners", "http", 1])"));
  }
  EXPECT_EQ(pointer.text(), "");
  EXPECT_TRUE(steps_of("").empty());
}

TEST(Merge, ReplacesWhatIsGivenAndKeepsTheRest) {
  EXPECT_EQ(merged(R"({"a": 1, "b": 2})", R"({"b": 3, "c": 4})"), json::parse(R"({"a": 1, "b": 3, "c": 4})"));
}

TEST(Merge, MergesObjectsAndReplacesArrays) {
  EXPECT_EQ(merged(R"({"a": {"x": 1, "y": 2}, "b": [1, 2]})", R"({"a": {"y": 3}, "b": [4]})"),
            json::parse(R"({"a": {"x": 1, "y": 3}, "b": [4]})"));
  EXPECT_EQ(merged(R"({"a": 5})", R"({"a": {"x": {"y": null, "z": 1}}})"), json::parse(R"({"a": {"x": {"z": 1}}})"));
}

TEST(Merge, NullTakesAway) {
  EXPECT_EQ(merged(R"({"a": 1, "b": {"c": 1, "d": 2}})", R"({"a": null, "b": {"c": null}, "e": null})"),
            json::parse(R"({"b": {"d": 2}})"));
}

TEST(Merge, ResetBeginsAnew) {
  EXPECT_EQ(merged(R"({"a": 1, "b": {"c": 1}})", R"({"$reset": true, "b": {"d": 2}})"),
            json::parse(R"({"b": {"d": 2}})"));
  EXPECT_EQ(merged(R"({"a": 1, "b": {"c": 1}})", R"({"b": {"$reset": true, "d": 2}})"),
            json::parse(R"({"a": 1, "b": {"d": 2}})"));
  EXPECT_EQ(merged(R"({"a": 1})", R"({"$reset": false})"), json::parse(R"({"a": 1})"));
}

}  // namespace
}  // namespace sluice::config
