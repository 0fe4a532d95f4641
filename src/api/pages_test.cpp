#include "api/pages.hpp"

#include <gmock/gmock.h>

#include "api/web_files.hpp"

namespace sluice::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::optional<net::HttpResponse> get(std::string path, bool has_api = true) {
  net::HttpRequest request;
  request.method = "GET";
  request.path = std::move(path);
  const auto server_info = [] { return std::string(R"({"version":"9.9"})"); };
  return page_answer(request, has_api ? std::function<std::string()>(server_info) : nullptr);
}

std::string text(const net::HttpResponse& response) {
  std::string out;
  for (const auto& range : response.body.ranges) out.append(reinterpret_cast<const char*>(range.memory), range.length);
  return out;
}

TEST(Pages, CarryWhatTheServerSaysOfItself) {
  for (const auto* path : {"/", "/admin"}) {
    const auto answer = get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->kind.content_type, "text/html; charset=utf-8");
    EXPECT_THAT(text(*answer), AllOf(HasSubstr(R"({"version":"9.9"})"), Not(HasSubstr(kServerPlaceholder))));
  }
}

TEST(Pages, RunNothingButTheirOwn) {
  for (const auto* path : {"/", "/admin", "/studio/main/embed.html", "/licenses.txt"}) {
    const auto headers = get(path).value().headers;
    EXPECT_THAT(headers, HasSubstr("Content-Security-Policy: default-src 'none'; script-src 'self';")) << path;
    EXPECT_THAT(headers, Not(HasSubstr("unsafe"))) << path;
    EXPECT_THAT(headers, HasSubstr("nosniff")) << path;
  }
}

TEST(Pages, LetOnlyThePlayerStandInOtherPages) {
  EXPECT_THAT(get("/").value().headers, HasSubstr("frame-ancestors 'none'\r\n"));
  EXPECT_THAT(get("/admin").value().headers, HasSubstr("frame-ancestors 'none'\r\n"));
  EXPECT_THAT(get("/cam/embed.html").value().headers, Not(HasSubstr("frame-ancestors")));
}

TEST(Pages, AreNotThereWithoutAnApiButThePlayerIs) {
  EXPECT_FALSE(get("/", false));
  EXPECT_FALSE(get("/admin", false));
  EXPECT_TRUE(get("/cam/embed.html", false));
}

TEST(Pages, LeaveOtherPathsAlone) {
  for (const auto* path :
       {"/index.html", "/admin.html", "/admin/", "/cam/index.m3u8", "/assets/nothing.js", "/embed.html"})
    EXPECT_FALSE(get(path)) << path;
}

}  // namespace
}  // namespace sluice::api
