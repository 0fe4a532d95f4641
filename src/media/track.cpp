#include "media/track.hpp"

#include <algorithm>

namespace sluice::media {

bool Track::same_parameters(const Track& other) const {
  return codec == other.codec && std::ranges::equal(config.view(), other.config.view());
}

void assign_ids(Tracks& tracks) {
  unsigned count[4] = {};
  for (Track& track : tracks) {
    const auto content = static_cast<std::size_t>(track.content());
    track.id = "vatd"[content] + std::to_string(++count[content]);
  }
}

}  // namespace sluice::media
