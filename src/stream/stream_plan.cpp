#include "stream/stream_plan.hpp"

#include <unordered_map>

namespace sluice::stream {

ConfigChange change_between(const StreamConfig& before, const StreamConfig& after) {
  if (before == after) return ConfigChange::none;
  const bool fixed = before.segment_duration != after.segment_duration ||
                     before.chunk_duration != after.chunk_duration || before.mpegts_pids != after.mpegts_pids ||
                     before.disabled != after.disabled;
  return fixed ? ConfigChange::new_life : ConfigChange::in_place;
}

PlanChange change_of(const StreamPlan& before, std::shared_ptr<const StreamPlan> after) {
  PlanChange change{.plan = after, .streams = {}, .templates = before.templates != after->templates};
  std::unordered_map<std::string_view, const StreamConfig*> old;
  for (const StreamConfig& config : before.streams) old.emplace(config.name, &config);
  for (const StreamConfig& config : after->streams) {
    const auto same = old.extract(config.name);
    if (same.empty() || *same.mapped() != config) change.streams.push_back({.name = config.name, .config = &config});
  }
  for (const auto& [name, config] : old) change.streams.push_back({.name = std::string(name), .config = nullptr});
  return change;
}

}  // namespace sluice::stream
