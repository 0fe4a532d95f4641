#include "stream/stream_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace sluice::stream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

ConfigChange change(const std::function<void(StreamConfig&)>& by) {
  const StreamConfig before{.name = "a", .inputs = {{.scheme = "publish", .url = "publish://"}}};
  StreamConfig after = before;
  by(after);
  return change_between(before, after);
}

TEST(StreamPlan, WhatIsFixedForTheLifeOfAStreamBeginsANewOne) {
  for (const auto& by : std::initializer_list<std::function<void(StreamConfig&)>>{
           [](StreamConfig& c) { c.segment_duration = milliseconds(2000); },
           [](StreamConfig& c) { c.chunk_duration = milliseconds(300); },
           [](StreamConfig& c) { c.mpegts_pids["v1"] = 211; }, [](StreamConfig& c) { c.disabled = true; }}) {
    EXPECT_EQ(change(by), ConfigChange::new_life);
    EXPECT_EQ(change([&](StreamConfig& c) {
                c.title = "New";
                by(c);
              }),
              ConfigChange::new_life);
  }
}

TEST(StreamPlan, AllElseChangesInPlace) {
  for (const auto& by : std::initializer_list<std::function<void(StreamConfig&)>>{
           [](StreamConfig& c) { c.title = "New"; }, [](StreamConfig& c) { c.inputs.clear(); },
           [](StreamConfig& c) { c.inputs.push_back({.scheme = "fake", .url = "fake://fake"}); },
           [](StreamConfig& c) { c.password = "secret"; }, [](StreamConfig& c) { c.segment_count = 9; },
           [](StreamConfig& c) { c.source_timeout = seconds(7); }, [](StreamConfig& c) { c.is_static = false; },
           [](StreamConfig& c) { c.template_name = "t"; }}) {
    EXPECT_EQ(change(by), ConfigChange::in_place);
  }
  EXPECT_EQ(change([](StreamConfig&) {}), ConfigChange::none);
  EXPECT_EQ(change([](StreamConfig& c) { c.origin = {{.line = 7, .column = 3}}; }), ConfigChange::none)
      << "the same at another place of the file";
}

StreamPlan plan(std::initializer_list<std::pair<std::string, std::string>> streams) {
  StreamPlan out;
  for (const auto& [name, title] : streams) {
    StreamConfig& config = out.streams.emplace_back();
    config.name = name;
    config.title = title;
  }
  return out;
}

/// The titles by name of what differs; "-" where the stream is gone.
std::map<std::string, std::string> differing(const PlanChange& change) {
  std::map<std::string, std::string> out;
  for (const auto& [name, config] : change.streams) out[name] = config == nullptr ? "-" : config->title;
  return out;
}

TEST(StreamPlan, NamesWhatIsNewDifferentOrGoneAndNothingElse) {
  const auto before = plan({{"same", "1"}, {"gone", "1"}, {"other", "1"}});
  const auto after = std::make_shared<const StreamPlan>(plan({{"new", "2"}, {"other", "2"}, {"same", "1"}}));
  const auto change = change_of(before, after);
  EXPECT_THAT(differing(change), UnorderedElementsAre(Pair("new", "2"), Pair("other", "2"), Pair("gone", "-")));
  EXPECT_EQ(change.plan, after);
  EXPECT_FALSE(change.templates);
  for (const auto& [name, config] : change.streams) {
    if (config == nullptr) continue;
    EXPECT_TRUE(config >= after->streams.data() && config < after->streams.data() + 3) << "it is the plan's own";
  }
}

TEST(StreamPlan, AnotherTemplateIsAChangeWithoutAStream) {
  const StreamPlan before = plan({{"a", "1"}});
  auto after = std::make_shared<StreamPlan>(before);
  EXPECT_FALSE(change_of(before, after).templates);
  after->templates.push_back({.options = {.name = "t"}, .prefixes = {"live"}});
  const auto change = change_of(before, after);
  EXPECT_TRUE(change.templates);
  EXPECT_THAT(change.streams, IsEmpty());
}

}  // namespace
}  // namespace sluice::stream
