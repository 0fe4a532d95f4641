#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "format/m3u8/media_playlist.hpp"

namespace sluice::load {

/// Says what a player of a Media Playlist downloads next: segments, or parts where the playlist still has them, in
/// order, from where RFC 8216bis section 6.3.3 lets it begin. Knows no clock and no network.
class SegmentCursor {
 public:
  struct Item {
    std::string uri;
    std::string map_uri;  ///< its init segment; empty: none
    m3u8::Duration duration{};
    bool gap = false;      ///< there is nothing to download
    bool fetched = false;  ///< it was downloaded by its hint
  };

  /// Begins at the live edge, or at segment or part number `from` of the first playlist, modulo how many it has.
  explicit SegmentCursor(std::optional<std::size_t> from = {}) : from_(from) {}

  /// The next item of `playlist`, and steps over it; nothing until a newer playlist has more.
  std::optional<Item> next(const m3u8::MediaPlaylist& playlist);

  /// The part that the playlist says will come next, once; its duration is not known yet.
  std::optional<Item> hint(const m3u8::MediaPlaylist& playlist);

 private:
  /// Media Sequence Number and Part Index of what is next.
  using Place = std::pair<std::uint64_t, std::uint64_t>;
  struct Listed;

  [[nodiscard]] Place start(const std::vector<Listed>& listed, m3u8::Duration behind) const;

  std::optional<std::size_t> from_;
  std::optional<Place> place_;
  std::string hinted_;
};

}  // namespace sluice::load
