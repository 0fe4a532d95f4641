#include "api/metrics.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "api/server_stats.hpp"
#include "api/streams.hpp"

namespace sluice::api {
namespace {

TEST(Metrics, TheReferencePageComesFromTheRows) {
  const std::string path = "docs/reference/metrics.md";
  if (std::getenv("SLUICE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << metrics_reference();
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(metrics_reference(), golden.str()) << "run with SLUICE_UPDATE_GOLDEN=1";
}

TEST(Metrics, EachNameIsOneFamily) {
  std::set<std::string> seen;
  for (const auto fields : {server_fields().info(), shard_fields().info(), stream_fields().info()}) {
    for (const FieldInfo& field : fields) {
      if (field.metric) EXPECT_TRUE(seen.insert(field.metric->name).second) << field.metric->name;
    }
  }
}

}  // namespace
}  // namespace sluice::api
