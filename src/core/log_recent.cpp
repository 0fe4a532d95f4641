#include "core/log_recent.hpp"

namespace sluice::log {

void RecentLines::add(UtcTime time, Level level, std::string_view message, std::string_view details,
                      std::uint64_t repeated) {
  if (!details.empty()) details.remove_prefix(1);  // what stands between the message and the first field
  if (lines_.size() == kMost) lines_.pop_front();
  lines_.push_back({.id = ++added_,
                    .time = time,
                    .level = level,
                    .message = std::string(message.substr(0, kLongest)),
                    .details = std::string(details.substr(0, kLongest)),
                    .repeated = repeated});
}

}  // namespace sluice::log
