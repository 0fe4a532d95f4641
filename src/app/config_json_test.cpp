#include "app/config_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "app/server_schema.hpp"
#include "config/json_pointer.hpp"

namespace sluice::app {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json::object object(std::string_view text) { return json::parse(text).as_object(); }

ServerConfig read_text(std::string_view text) {
  auto config = parse_config(text, "f");
  EXPECT_TRUE(config) << to_string(config.error().front());
  return config ? *config : ServerConfig{};
}

ServerConfig read_json(std::string_view text) {
  auto config = config_from_json(object(text));
  EXPECT_TRUE(config) << to_string(config.error().front());
  return config ? *config : ServerConfig{};
}

std::vector<std::string> errors(std::string_view text) {
  std::vector<std::string> out;
  const auto config = config_from_json(object(text));
  if (config) return out;
  for (const auto& error : config.error()) out.push_back(std::string(to_string(error.fault)) + " " + to_string(error));
  return out;
}

TEST(ConfigJson, HasTheNamesAndUnitsOfTheApi) {
  const auto config = read_text(R"(
      http 80 { api false; } http 127.0.0.1:8080; rtmp [::1]:1935; loglevel error; url_prefix http://cdn/;
      template t { prefix live; prefix ""; input publish://; segment_duration 2.5; }
      stream a { template t; title "A"; password p; clients_timeout false; prepush 10; source_timeout 20; }
      stream b { static false; input fake://fake?fps=5 width=640 source_timeout=false; input publish:// priority=7;
                 prepush off; merge_window 0; url_prefix false; })");
  EXPECT_EQ(to_json(config), object(R"({
      "listeners": {"http": [{"port": 80, "api": false}, {"port": 8080, "address": "127.0.0.1"}],
                    "https": [], "rtmp": [{"port": 1935, "address": "::1"}], "rtmps": []},
      "loglevel": "error", "log_format": "text", "log_requests": false,
      "url_prefix": "http://cdn/", "merge_window": "video",
      "templates": [{"name": "t", "prefixes": ["live", ""], "inputs": [{"url": "publish://"}],
                     "segment_duration": 2500}],
      "streams": [{"name": "a", "template": "t", "title": "A", "password": "p", "clients_timeout": false,
                   "prepush": 10, "source_timeout": 20},
                  {"name": "b", "static": false, "prepush": false, "merge_window": 0, "url_prefix": false,
                   "inputs": [{"url": "fake://fake?fps=5", "width": 640, "source_timeout": false},
                              {"url": "publish://", "priority": 7}]}]})"))
      << json::serialize(to_json(config));
}

TEST(ConfigJson, WhatIsInForceIsTheObjectsOwnAndItsTemplates) {
  const auto config = read_text("template t { title shared; segment_count 9; } stream a { template t; comment c; }");
  const auto& stream = config.streams.at(0);
  EXPECT_EQ(own_json(stream, config), object(R"({"name":"a","template":"t","comment":"c"})"));
  const auto all = effective_json(stream);
  EXPECT_EQ(all.at("title"), "shared");
  EXPECT_EQ(all.at("segment_count"), 9);
  EXPECT_EQ(all.at("segment_duration"), 5000);
  EXPECT_EQ(all.at("static"), true);
  EXPECT_EQ(all.at("prepush"), true);
  EXPECT_EQ(all.at("inputs"), json::array());
  for (const auto* none : {"password", "url_prefix", "template_name"}) EXPECT_FALSE(all.contains(none)) << none;
}

TEST(ConfigJson, UnknownMembersAreIgnoredAndNullIsNothing) {
  EXPECT_EQ(read_json(R"({"nothing": 1, "streams": [{"name": "a", "stats": {}, "title": null, "dvr": null,
                          "thumbnails": false, "pushes": []}], "listeners": null})"),
            read_text("stream a { }"));
}

TEST(ConfigJson, NumbersMayBeWrittenInEveryWayThatJsonHas) {
  EXPECT_EQ(read_json(R"({"streams": [{"name": "a", "segment_duration": 5e3, "segment_count": 6.0}]})"),
            read_text("stream a { segment_duration 5; segment_count 6; }"));
}

TEST(ConfigJson, SaysWhatIsWrongAndAtWhichPath) {
  EXPECT_THAT(errors(R"({"streams": [{"name": "a"}, {"name": "b", "segment_duration": 500}]})"),
              ElementsAre("bad_value JSON: /streams/1/segment_duration: bad value 500, expected a whole number from "
                          "1000 to 15000 (milliseconds)"));
  EXPECT_THAT(errors(R"({"streams": [{"name": "a", "title": 5, "static": "yes", "inputs": {}}]})"),
              ElementsAre("bad_value JSON: /streams/0/inputs: bad value {}, expected an array",
                          "bad_value JSON: /streams/0/static: bad value \"yes\", expected true or false",
                          "bad_value JSON: /streams/0/title: bad value 5, expected a text of at most 1024 bytes"));
  EXPECT_THAT(errors(R"({"streams": [{"name": "../a"}, 7, {}]})"),
              ElementsAre("bad_value JSON: /streams/0/name: bad value \"../a\", expected a name of Latin letters, "
                          "digits, '.', '-' and '_', in parts with '/' between them",
                          "bad_value JSON: /streams/1: bad value 7, expected an object",
                          "bad_value JSON: /streams/2/name: bad value null, expected a name of Latin letters, "
                          "digits, '.', '-' and '_', in parts with '/' between them"));
  EXPECT_THAT(errors(R"({"listeners": 5})"),
              ElementsAre("bad_value JSON: /listeners: bad value 5, expected an object"));
  EXPECT_THAT(
      errors(R"({"listeners": {"http": [{"port": 0}, {"port": 1, "address": "[::1]"}]}})"),
      ElementsAre("bad_value JSON: /listeners/http/0/port: bad value 0, expected a whole number from 1 to 65535",
                  "bad_value JSON: /listeners/http/1/address: bad value \"[::1]\", expected an IPv4 or IPv6 "
                  "address in digits, or an empty text for every address"));
  EXPECT_THAT(errors(R"({"loglevel": "loud"})"),
              ElementsAre("bad_value JSON: /loglevel: bad value \"loud\", expected one of \"debug\" \"info\" "
                          "\"notice\" \"warning\" \"error\" \"critical\" \"alert\" \"none\""));
  EXPECT_THAT(errors(R"({"streams": [{"name": "a", "title": "a\nb"}]})"),
              ElementsAre("bad_value JSON: /streams/0/title: bad value \"a\\nb\", expected a text of at most 1024 "
                          "bytes"));
}

TEST(ConfigJson, SaysWhatIsWrongWithPids) {
  const auto of = [](const std::string& pids) {
    return errors(R"({"streams": [{"name": "a", "mpegts_pids": )" + pids + "}]}");
  };
  EXPECT_THAT(of(R"({"pmt": 4095, "pcr": 211, "v1": 211, "a0": 220})"), IsEmpty());
  EXPECT_THAT(of("[]"), ElementsAre("bad_value JSON: /streams/0/mpegts_pids: bad value [], expected an object"));
  EXPECT_THAT(of(R"({"x1": 211})"),
              ElementsAre("bad_value JSON: /streams/0/mpegts_pids/x1: unknown name 'x1', expected pmt, sdt, pcr, or a "
                          "track like v1 or a0"));
  EXPECT_THAT(of(R"({"v1": 31})"),
              ElementsAre("bad_value JSON: /streams/0/mpegts_pids/v1: bad value 31, expected a whole number from 32 "
                          "to 8190"));
  EXPECT_THAT(of(R"({"v1": 32, "a1": 32})"),
              ElementsAre("already_set JSON: /streams/0/mpegts_pids/a1: PID 32 is already that of 'v1'"));
}

TEST(ConfigJson, SaysWhatIsWrongWithInputs) {
  const auto of = [](const std::string& inputs) {
    return errors(R"({"streams": [{"name": "a", "inputs": )" + inputs + "}]}");
  };
  EXPECT_THAT(of(R"([{}])"),
              ElementsAre("bad_value JSON: /streams/0/inputs/0/url: bad value null, expected a text of at most 4096 "
                          "bytes"));
  EXPECT_THAT(of(R"([{"url": ""}])"),
              ElementsAre("bad_url JSON: /streams/0/inputs/0/url: bad URL '' of 'input', expected a URL like "
                          "publish:// or fake://fake"));
  EXPECT_THAT(of(R"([{"url": "udp://239.0.0.1:1"}])"),
              ElementsAre("not_supported JSON: /streams/0/inputs/0/url: 'udp://' is not supported yet"));
  EXPECT_THAT(of(R"([{"url": "publish://", "max_bitrate": 5}])"),
              ElementsAre("not_supported JSON: /streams/0/inputs/0/max_bitrate: 'max_bitrate' is not supported yet"));
  EXPECT_THAT(of(R"([{"url": "fake://fake", "width": 641}])"),
              ElementsAre("bad_value JSON: /streams/0/inputs/0/width: bad value 641, expected a whole number from 128 "
                          "to 7680"));
  EXPECT_THAT(of(R"([{"url": "fake://fake?fps=5", "fps": 6}])"),
              ElementsAre("already_set JSON: /streams/0/inputs/0/fps: 'fps' is already set in the URL"));
  EXPECT_THAT(of(R"([{"url": "publish://"}, {"url": "publish://"}])"),
              ElementsAre("already_set JSON: /streams/0/inputs/1: 'publish://' is already an input"));
}

TEST(ConfigJson, SaysWhatIsNotSupportedYetByName) {
  EXPECT_THAT(errors(R"({"listeners": {"rtsp": [{"port": 554}]}, "vods": [{"name": "v"}],
                         "streams": [{"name": "a", "dvr": {"root": "/storage"}}]})"),
              ElementsAre("not_supported JSON: /listeners/rtsp: 'listeners.rtsp' is not supported yet",
                          "not_supported JSON: /vods: 'vods' is not supported yet",
                          "not_supported JSON: /streams/0/dvr: 'dvr' is not supported yet"));
}

TEST(ConfigJson, IsCheckedAsAFileIs) {
  EXPECT_THAT(
      errors(R"({"streams": [{"name": "a"}, {"name": "a"}], "listeners": {"http": [{"port": 1}, {"port": 1}]}})"),
      ElementsAre("already_set JSON: port 1 is already taken by 'http'",
                  "already_set JSON: stream 'a' is already defined"));
  EXPECT_THAT(errors(R"({"streams": [{"name": "a", "template": "t"}]})"),
              ElementsAre("bad_value JSON: /streams/0/template: unknown template 't'"));
}

TEST(ConfigJson, TheTextHasPathsInTheJsonToo) {
  const auto config = parse_config("http 80; stream mystream { input \"\"; }", "f");
  ASSERT_FALSE(config);
  const auto& error = config.error().front();
  EXPECT_EQ(error.at, (config::Position{1, 34}));
  EXPECT_EQ(error.fault, config::Fault::bad_url);
  EXPECT_EQ(error.pointer, "/streams/0/inputs/0/url");
  EXPECT_EQ(config::steps_of(error.pointer), json::parse(R"(["streams", 0, "inputs", 0, "url"])"));
}

}  // namespace
}  // namespace sluice::app
