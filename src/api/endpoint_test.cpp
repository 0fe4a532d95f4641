#include "api/endpoint.hpp"

#include <gmock/gmock.h>

#include <set>

namespace sluice::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

TEST(Endpoint, ANameMayHoldSlashes) {
  EXPECT_THAT(match("streams", "streams"), Optional(IsEmpty()));
  EXPECT_THAT(match("streams/{name}", "streams/a"), Optional(ElementsAre("a")));
  EXPECT_THAT(match("streams/{name}", "streams/a/b c/d"), Optional(ElementsAre("a/b c/d")));
  EXPECT_THAT(match("streams/{name}/stop", "streams/a/stop/stop"), Optional(ElementsAre("a/stop")));
  EXPECT_THAT(match("streams/{name}/inputs/{index}/select", "streams/a/inputs/1/inputs/0/select"),
              Optional(ElementsAre("a/inputs/1", "0")));
  for (const char* path :
       {"", "stream", "streams", "streams/", "streams//stop", "streams/a/stop/", "x/streams/a/stop"}) {
    EXPECT_EQ(match("streams/{name}/stop", path), std::nullopt) << path;
  }
  EXPECT_EQ(match("streams/{name}", "streams/"), std::nullopt);
  EXPECT_EQ(match("streams", "streams/a"), std::nullopt);
}

TEST(Endpoint, TheFormThatSaysMostAnswers) {
  const std::vector<Endpoint> all{{.method = "GET", .path = "streams/{name}"},
                                  {.method = "PUT", .path = "streams/{name}"},
                                  {.method = "POST", .path = "streams/{name}/stop"},
                                  {.method = "GET", .path = "streams/{name}/stop/now"}};
  EXPECT_EQ(find_route(all, "POST", "streams/a/stop").endpoint, &all[2]);
  EXPECT_THAT(find_route(all, "POST", "streams/a/stop").names, ElementsAre("a"));
  EXPECT_EQ(find_route(all, "GET", "streams/a/stop").endpoint, &all[0]);
  EXPECT_EQ(find_route(all, "HEAD", "streams/a/stop/now").endpoint, &all[3]);
  const Route wrong_method = find_route(all, "DELETE", "streams/a");
  EXPECT_EQ(wrong_method.endpoint, nullptr);
  EXPECT_EQ(wrong_method.allow, "GET, PUT");
  EXPECT_EQ(find_route(all, "GET", "templates").allow, "");
}

TEST(Endpoint, EachIsDescribedAndDifferent) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Endpoint& endpoint : endpoints()) {
    EXPECT_TRUE(seen.emplace(endpoint.method, endpoint.path).second) << endpoint.path;
    EXPECT_TRUE(endpoint.doc.ends_with('.')) << endpoint.path;
    EXPECT_NE(endpoint.handle, nullptr) << endpoint.path;
    // Whoever may only look changes nothing.
    if (endpoint.method != "GET") EXPECT_EQ(endpoint.rights, Rights::edit) << endpoint.path;
    if (!endpoint.listed) continue;
    std::set<std::string_view> fields;
    for (const FieldInfo& field : endpoint.listed->fields()) {
      EXPECT_TRUE(fields.insert(field.name).second) << endpoint.path << ": " << field.name;
      EXPECT_TRUE(field.doc.ends_with('.')) << endpoint.path << ": " << field.name;
    }
  }
}

}  // namespace
}  // namespace sluice::api
