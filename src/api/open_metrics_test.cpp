#include "api/open_metrics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

#include "core/shard.hpp"

namespace sluice::api {
namespace {

using Kind = Metric::Kind;

struct Cup {
  std::string name;
  std::uint64_t sips = 0;
  std::chrono::milliseconds age{};
  bool full = false;
  std::optional<double> heat;
};

Fields<Cup> cup_fields() {
  Fields<Cup> out;
  out.add({.name = "name", .doc = "Its name."}, [](const Cup& cup) { return cup.name; })
      .add({.name = "sips",
            .doc = "Sips taken.\nAll of \"them\".",
            .metric = Metric{.kind = Kind::counter, .name = "cup_sips"}},
           [](const Cup& cup) { return cup.sips; })
      .add({.name = "bytes", .doc = "Old.", .metric = Metric{.kind = Kind::counter, .name = "cup_bytes", .bare = true}},
           [](const Cup& cup) { return cup.sips * 2; })
      .add({.name = "age", .doc = "Age.", .metric = Metric{.name = "cup_age_seconds", .scale = 0.001}},
           [](const Cup& cup) { return cup.age; })
      .add({.name = "full", .doc = "Full.", .metric = Metric{.name = "cup_full"}},
           [](const Cup& cup) { return cup.full; })
      .add({.name = "heat", .doc = "Heat.", .metric = Metric{.name = "cup_heat"}},
           [](const Cup& cup) { return cup.heat; });
  return out;
}

std::string rendered(const std::vector<Cup>& cups) {
  std::string text;
  Shards shards(1);
  TaskScope scope;
  shards[0].post([&] {
    scope.spawn([](Shards& all, const std::vector<Cup>& of, std::string& into) -> Task<void> {
      const auto fields = cup_fields();
      std::vector<std::string> labels;
      for (const Cup& cup : of) labels.push_back(open_metrics_label("name", cup.name));
      OpenMetrics out;
      co_await add_open_metrics<Cup>(out, fields, of, labels);
      into = out.take();
      all.stop();
    }(shards, cups, text));
  });
  shards.run();
  return text;
}

TEST(OpenMetrics, HasAFamilyForEachRowWithAMetricAndASampleForEachItem) {
  const auto text =
      rendered({{"tea", 3, std::chrono::milliseconds(1500), true, 61.25}, {"air", 18446744073709551615u}});
  EXPECT_EQ(text,
            "# TYPE cup_sips counter\n"
            "# HELP cup_sips Sips taken.\\nAll of \\\"them\\\".\n"
            "cup_sips_total{name=\"tea\"} 3\n"
            "cup_sips_total{name=\"air\"} 18446744073709551615\n"
            "# TYPE cup_bytes unknown\n"
            "# HELP cup_bytes Old.\n"
            "cup_bytes{name=\"tea\"} 6\n"
            "cup_bytes{name=\"air\"} 18446744073709551614\n"
            "# TYPE cup_age_seconds gauge\n"
            "# HELP cup_age_seconds Age.\n"
            "cup_age_seconds{name=\"tea\"} 1.5\n"
            "cup_age_seconds{name=\"air\"} 0\n"
            "# TYPE cup_full gauge\n"
            "# HELP cup_full Full.\n"
            "cup_full{name=\"tea\"} 1\n"
            "cup_full{name=\"air\"} 0\n"
            "# TYPE cup_heat gauge\n"
            "# HELP cup_heat Heat.\n"
            "cup_heat{name=\"tea\"} 61.25\n"
            "# EOF\n");
}

TEST(OpenMetrics, IsEmptyWithoutItems) { EXPECT_EQ(rendered({}), "# EOF\n"); }

TEST(OpenMetrics, EscapesLabels) { EXPECT_EQ(open_metrics_label("name", "a\"b\\c\nd"), R"(name="a\"b\\c\nd")"); }

TEST(OpenMetrics, IsAskedForByAcceptOrFormat) {
  const auto wants = [](std::string_view accept, std::string_view query) {
    net::HttpRequest request;
    request.accept = accept;
    request.query = query;
    return wants_open_metrics(request);
  };
  // What Prometheus sends: it takes plain text too, but less gladly.
  EXPECT_TRUE(wants("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", ""));
  EXPECT_TRUE(wants("*/*", "full=true&format=openmetrics"));
  EXPECT_FALSE(wants("text/plain", "format=json"));
  EXPECT_FALSE(wants("", ""));
}

}  // namespace
}  // namespace sluice::api
