#include "app/api_config.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <string>
#include <vector>

#include "app/config_json.hpp"
#include "app/server_schema.hpp"
#include "config/json_pointer.hpp"

namespace sluice::app {
namespace {

namespace json = boost::json;
using api::ObjectKind;

json::object object(std::string_view text) { return json::parse(text).as_object(); }

/// A field that the model knows, some of its values, and its default.
struct Known {
  const char* name;
  const char* initial;  // JSON; "null": it is not shown
  std::vector<const char*> values;
};
const std::vector<Known> kKnown{
    {"title", "null", {R"("A")", R"("B; {")", R"("")"}},
    {"segment_duration", "5000", {"1000", "2500", "15000"}},
    {"segment_count", "4", {"2", "9"}},
    {"static", "true", {"true", "false"}},
    {"prepush", "true", {"false", "true", "10"}},
    {"clients_timeout", "60", {"false", "5"}},
    {"source_timeout", "null", {"false", "7"}},
    {"merge_window", R"("video")", {"0", "100", R"("video")"}},
    {"url_prefix", "null", {R"("http://cdn/")", "false"}},
    {"inputs",
     "[]",
     {"[]", R"([{"url": "publish://"}])",
      R"([{"url": "fake://fake", "width": 640}, {"url": "publish://", "priority": 1}])"}},
};

/// Any body of a PUT that is sound: some fields with values, some with null, maybe all of them anew.
json::object any_patch() {
  json::object out;
  for (const Known& field : kKnown) {
    const auto pick = *rc::gen::inRange<std::size_t>(0, 3 * field.values.size());
    if (pick < field.values.size()) out[field.name] = json::parse(field.values[pick]);
    if (pick == field.values.size()) out[field.name] = nullptr;
  }
  if (*rc::gen::inRange(0, 5) == 0) out["$reset"] = true;
  if (*rc::gen::inRange(0, 3) == 0) out["stats"] = json::object{{"unknown", 1}};
  return out;
}

/// What the API has to say, by the rules alone: each object is a JSON object of its own, under its template's.
class Model {
 public:
  std::map<std::string, json::object> streams;
  std::map<std::string, json::object> templates;

  json::value effective(const std::string& stream, const Known& field) const {
    const auto* found = streams.at(stream).if_contains(field.name);
    return found == nullptr ? inherited(streams.at(stream), field) : shown(*found, field);
  }

  /// What is the same as what the template says is not the object's own.
  void drop_what_is_inherited() {
    for (auto& [name, own] : streams) {
      for (const Known& field : kKnown) {
        const auto* found = own.if_contains(field.name);
        if (found != nullptr && shown(*found, field) == inherited(own, field)) own.erase(field.name);
      }
    }
  }

 private:
  json::value inherited(const json::object& own, const Known& field) const {
    if (const auto* name = own.if_contains("template")) {
      const auto& base = templates.at(std::string(name->get_string()));
      if (const auto* found = base.if_contains(field.name)) return shown(*found, field);
    }
    return json::parse(field.initial);
  }

  static json::value shown(const json::value& value, const Known& field) {
    const bool empty = value == "" || (std::string_view(field.name) == "url_prefix" && value == false);
    return empty ? json::value() : value;
  }
};

void expect_same(const ServerConfig& config, const Model& model) {
  RC_ASSERT(config.streams.size() == model.streams.size());
  RC_ASSERT(config.templates.size() == model.templates.size());
  for (const auto& stream : config.streams) {
    RC_ASSERT(model.streams.contains(stream.name));
    const auto shown = effective_json(stream);
    for (const Known& field : kKnown) {
      const auto* found = shown.if_contains(field.name);
      const auto expected = model.effective(stream.name, field);
      if ((found == nullptr ? json::value() : *found) != expected)
        RC_FAIL(stream.name + "." + field.name + ": " + json::serialize(shown) + " but " + json::serialize(expected));
    }
  }
}

/// As ConfigStore does it: what the streams have of their own stays while their template changes.
void put_and_keep_own(ServerConfig& config, ObjectKind kind, const std::string& name, const json::object& patch) {
  const auto before = to_json(config);
  RC_ASSERT(put_object(config, kind, name, patch, nullptr).has_value());
  if (kind == ObjectKind::stream) return;
  auto whole = to_json(config);
  whole["streams"] = before.at("streams");
  const auto again = config_from_json(whole);
  RC_ASSERT(again.has_value());
  config = *again;
}

RC_GTEST_PROP(ApiConfig, IsTheSameAsAModelWhateverIsPutAndDeleted, ()) {
  ServerConfig config;
  Model model;
  for (int steps = *rc::gen::inRange(1, 25); steps > 0; --steps) {
    const auto stream = *rc::gen::element<std::string>("a", "b/c", "d");
    const auto entry = *rc::gen::element<std::string>("t", "u");
    switch (*rc::gen::inRange(0, 6)) {
      case 0: {
        const bool there = model.streams.erase(stream) == 1;
        RC_ASSERT(remove_object(config, ObjectKind::stream, stream) == there);
        break;
      }
      case 1: {
        const auto patch = any_patch();
        put_and_keep_own(config, ObjectKind::media_template, entry, patch);
        config::merge(model.templates[entry], patch);
        break;
      }
      default: {
        auto patch = any_patch();
        if (*rc::gen::inRange(0, 3) == 0) {
          if (model.templates.contains(entry)) {
            patch["template"] = entry;
          } else {
            patch["template"] = nullptr;
          }
        }
        RC_ASSERT(put_object(config, ObjectKind::stream, stream, patch, nullptr).has_value());
        config::merge(model.streams[stream], patch);
      }
    }
    expect_same(config, model);
    model.drop_what_is_inherited();
    const auto again = parse_config(to_text(config), "f");
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == config);
  }
}

TEST(ApiConfig, APutChangesWhatItNamesAndNothingElse) {
  auto config = *parse_config("template t { title shared; segment_count 9; } stream a { template t; comment c; }", "f");
  ASSERT_TRUE(put_object(config, ObjectKind::stream, "a", object(R"({"segment_count": 5, "name": "other"})"), nullptr));
  EXPECT_EQ(own_json(config.streams.at(0), config),
            object(R"({"name": "a", "template": "t", "comment": "c", "segment_count": 5})"));
  ASSERT_TRUE(put_object(config, ObjectKind::stream, "a", object(R"({"segment_count": null})"), nullptr));
  EXPECT_EQ(config.streams.at(0).segment_count, 9u) << "what the template says";
  ASSERT_TRUE(put_object(config, ObjectKind::stream, "a", object(R"({"$reset": true, "title": "x"})"), nullptr));
  EXPECT_EQ(own_json(config.streams.at(0), config), object(R"({"name": "a", "title": "x"})"));
}

TEST(ApiConfig, ARunningStreamOfATemplateIsWrittenAsItRuns) {
  auto config = *parse_config("template t { prefix live; input fake://fake; title shared; }", "f");
  auto runs = stream::make_from_template(config.templates, "live/5");
  ASSERT_TRUE(runs);
  runs->inputs.at(0).options["width"] = "640";
  ASSERT_TRUE(put_object(config, ObjectKind::stream, "live/5", object(R"({"comment": "c"})"), &*runs));
  EXPECT_EQ(own_json(config.streams.at(0), config),
            object(R"({"name": "live/5", "template": "t", "static": false, "comment": "c",
                       "inputs": [{"url": "fake://fake", "width": 640}]})"))
      << json::serialize(own_json(config.streams.at(0), config));
}

TEST(ApiConfig, WhatIsRefusedChangesNothing) {
  auto config = *parse_config("stream a { title x; }", "f");
  const auto before = config;
  const auto refused = put_object(config, ObjectKind::stream, "a", object(R"({"title": 5, "dvr": {}})"), nullptr);
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().size(), 2u);
  EXPECT_EQ(refused.error()[0].pointer, "/title");
  EXPECT_EQ(refused.error()[1].pointer, "/dvr");
  EXPECT_EQ(refused.error()[1].fault, config::Fault::not_supported);
  EXPECT_FALSE(put_object(config, ObjectKind::stream, "../a", {}, nullptr));
  EXPECT_FALSE(merge_config(config, object(R"({"streams": [{"name": "a"}, {"name": "a"}]})")));
  EXPECT_EQ(config, before);
}

TEST(ApiConfig, TheWholeConfigIsMergedInDepthAndListsAreReplaced) {
  auto config = *parse_config("http 80; rtmp 1935; loglevel error; stream a { } stream b { }", "f");
  ASSERT_TRUE(merge_config(config, object(R"({"listeners": {"http": [{"port": 81}]}, "loglevel": null,
                                              "streams": [{"name": "c"}]})")));
  EXPECT_EQ(config, *parse_config("http 81; rtmp 1935; stream c { }", "f"));
}

}  // namespace
}  // namespace sluice::app
