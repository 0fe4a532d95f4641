#include "format/m3u8/reader.hpp"

namespace sluice::m3u8 {

Result<MediaPlaylist> merge(const MediaPlaylist& previous, const ParsedMedia& update) {
  if (update.skipped_segments == 0) return update.playlist;
  const std::uint64_t first = update.playlist.media_sequence;
  const std::uint64_t known_end = previous.media_sequence + previous.segments.size();
  if (first < previous.media_sequence || first > known_end || update.skipped_segments > known_end - first) {
    return fail(Errc::skip_gap);
  }
  MediaPlaylist whole = update.playlist;
  const auto from = previous.segments.begin() + static_cast<std::ptrdiff_t>(first - previous.media_sequence);
  whole.segments.insert(whole.segments.begin(), from, from + static_cast<std::ptrdiff_t>(update.skipped_segments));
  // Their EXT-X-MAP stays in force until the update has one of its own.
  const auto map = whole.segments[update.skipped_segments - 1].map_uri;
  for (std::size_t i = 0; i < whole.segments.size(); ++i) {
    auto& segment = whole.segments[i];
    if (i < update.skipped_segments) {
      segment.parts.clear();
    } else if (segment.map_uri.empty()) {
      segment.map_uri = map;
    } else {
      return whole;
    }
  }
  if (whole.open && whole.open->map_uri.empty()) whole.open->map_uri = map;
  return whole;
}

}  // namespace sluice::m3u8
