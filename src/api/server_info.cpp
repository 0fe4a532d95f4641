#include "api/server_info.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace sluice::api {
namespace {

constexpr std::size_t kMostTargets = 100;

bool takes_publishers(const stream::StreamConfig& config) {
  const auto is_publish = [](const stream::InputConfig& input) { return input.scheme == "publish"; };
  return !config.disabled && std::ranges::any_of(config.inputs, is_publish);
}

boost::json::array publish_targets(const stream::StreamPlan& plan) {
  boost::json::array out;
  const auto add = [&](const char* key, const std::string& name, const stream::StreamConfig& config) {
    if (!takes_publishers(config)) return;
    out.push_back(boost::json::object{{key, name}, {"password", !config.password.empty()}});
  };
  for (const stream::TemplateConfig& entry : plan.templates) {
    for (const std::string& prefix : entry.prefixes) add("prefix", prefix, entry.options);
  }
  for (const stream::StreamConfig& config : plan.streams) {
    if (out.size() >= kMostTargets) break;
    add("name", config.name, config);
  }
  return out;
}

}  // namespace

std::string server_info(std::uint16_t rtmp_port, std::string_view version, bool login, const stream::StreamPlan& plan) {
  return boost::json::serialize(boost::json::object{{"rtmp_port", rtmp_port},
                                                    {"version", boost::json::string(version.data(), version.size())},
                                                    {"login", login},
                                                    {"publish", publish_targets(plan)}});
}

}  // namespace sluice::api
