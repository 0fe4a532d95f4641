#include "api/server_info.hpp"

#include <gtest/gtest.h>

namespace sluice::api {
namespace {

stream::StreamConfig with_input(std::string name, std::string scheme, std::string password = {}) {
  return {.name = std::move(name), .inputs = {{.scheme = std::move(scheme)}}, .password = std::move(password)};
}

TEST(ServerInfo, SaysWhereOneMayPublish) {
  stream::StreamPlan plan;
  plan.streams = {with_input("studio", "publish", "secret"), with_input("demo", "fake"), with_input("off", "publish")};
  plan.streams[2].disabled = true;
  plan.templates = {{with_input("t", "publish"), {"live", "shows/late"}},
                    {with_input("pull", "fake"), {"pull"}},
                    {with_input("any", "publish", "p"), {""}}};
  EXPECT_EQ(server_info(1935, "0.1.0", true, plan),
            R"({"rtmp_port":1935,"version":"0.1.0","login":true,"publish":[{"prefix":"live","password":false},)"
            R"({"prefix":"shows/late","password":false},{"prefix":"","password":true},)"
            R"({"name":"studio","password":true}]})");
  EXPECT_EQ(server_info(0, "", false, {}), R"({"rtmp_port":0,"version":"","login":false,"publish":[]})");
}

}  // namespace
}  // namespace sluice::api
