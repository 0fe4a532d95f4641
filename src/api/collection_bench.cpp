#include <benchmark/benchmark.h>

#include "api/collection.hpp"

namespace sluice::api {
namespace {

struct Thing {
  std::string name;
  std::string title;
  std::int64_t bitrate = 0;
};

const Fields<Thing>& fields() {
  static const auto all = [] {
    Fields<Thing> out;
    out.add({.name = "name", .always = true}, [](const Thing& t) -> const std::string& { return t.name; })
        .add({.name = "title"}, [](const Thing& t) -> const std::string& { return t.title; })
        .add({.name = "stats.bitrate", .type = FieldType::integer}, [](const Thing& t) { return t.bitrate; });
    for (int i = 0; i < 30; ++i) {
      out.add({.name = "stats.n" + std::to_string(i), .type = FieldType::integer},
              [i](const Thing& t) { return t.bitrate + i; });
    }
    return out;
  }();
  return all;
}

/// A page of 100 items with 33 fields, filtered and sorted, of as many as the argument says.
void page(benchmark::State& state) {
  std::vector<Thing> things;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    things.push_back({"group" + std::to_string(i % 50) + "/stream" + std::to_string(i), "Number " + std::to_string(i),
                      i * 7919 % 5003});
  }
  const auto query = parse_query("limit=100&stats.bitrate_gt=10&name_like=stream&sort=-stats.bitrate,title",
                                 {.fields = fields().info(), .key = "name"});
  Shard shard(0, 1 << 20);
  TaskScope scope;
  shard.post([&] {
    scope.spawn([](benchmark::State& s, Shard& on, const std::vector<Thing>& all, const Query& q) -> Task<void> {
      for (auto _ : s)
        benchmark::DoNotOptimize(co_await Page<Thing>(fields(), all, q, Rights::edit).make("things", {}));
      on.stop();
    }(state, shard, things, *query));
  });
  shard.run();
  state.counters["longest_turn_us"] =
      static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(shard.load().longest_turn).count());
}
BENCHMARK(page)->Arg(100)->Arg(5000)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sluice::api
