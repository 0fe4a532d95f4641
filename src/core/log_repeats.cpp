#include "core/log_repeats.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace sluice::log {

bool Repeats::admit(std::uint64_t place, std::string_view subject, SteadyTime now, const Entry& entry) {
  const auto key = place * 0x9e3779b97f4a7c15 ^ std::hash<std::string_view>()(subject);
  auto found = known_.find(key);
  if (found == known_.end() && known_.size() >= kMost) found = known_.find(place);
  if (found == known_.end()) {
    known_.emplace(known_.size() < kMost ? key : place, Known{.written = now, .held = {}});
    next_ = next_ ? std::min(*next_, now + kPeriod) : now + kPeriod;
    return true;
  }
  Due& held = found->second.held;
  held.format = entry.format;
  held.level = entry.level;
  held.message = entry.message;
  held.tail = entry.tail;
  ++held.repeated;
  return false;
}

std::vector<Repeats::Due> Repeats::take_due(SteadyTime now) {
  std::vector<Due> due;
  next_.reset();
  for (auto it = known_.begin(); it != known_.end();) {
    Known& known = it->second;
    if (now - known.written >= kPeriod) {
      if (known.held.repeated == 0) {
        it = known_.erase(it);
        continue;
      }
      --known.held.repeated;  // the line itself is one of them
      due.push_back(std::exchange(known.held, Due()));
      known.written = now;
    }
    next_ = next_ ? std::min(*next_, known.written + kPeriod) : known.written + kPeriod;
    ++it;
  }
  return due;
}

}  // namespace sluice::log
