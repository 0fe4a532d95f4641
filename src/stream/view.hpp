#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/track.hpp"

namespace sluice::stream {

/// Which tracks a viewer sees, in his order: `filter.tracks=v1a1`, or everything. A playlist is a function of a window
/// and a view.
struct View {
  std::vector<std::string> track_ids;  ///< empty: every track, in the order of the source

  /// Reads "v1a1", "v4v3a1": ids written one behind the other. Nothing when it is not of that form.
  static std::optional<View> parse(std::string_view selector);

  /// The indexes of the tracks that this view shows, in its order. Ids that the run does not have are left out.
  [[nodiscard]] std::vector<std::uint32_t> select(const media::Tracks& tracks) const;
};

/// "v1a1" for these tracks.
std::string selector(const media::Tracks& tracks, std::span<const std::uint32_t> indexes);

}  // namespace sluice::stream
