#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "format/m3u8/media_playlist.hpp"
#include "protocol/hls/container.hpp"
#include "stream/segment.hpp"
#include "stream/view.hpp"

namespace sluice::hls {

/// Which media playlist: what it depends on beside the listing.
struct MediaPlaylistOptions {
  Container container = Container::cmaf;  ///< not automatic
  stream::View tracks;                    ///< that lie together in each segment
  std::string base;       ///< before the names of segments, parts and inits: "", "tracks-v1/", or with a CDN's address
  stream::View reported;  ///< low latency: the renditions of the presentation; the playlist is one of "tracks-..."
};

/// The playlist of a listing. REQUIRES: can_begin(listing).
m3u8::MediaPlaylist media_playlist(const stream::Listing& listing, const MediaPlaylistOptions& options);

/// True once there is a segment to list and the target duration is known.
bool can_begin(const stream::Listing& listing);

/// Where a media playlist ends.
struct Edge {
  std::size_t whole_end = 0;     ///< in the listing: segments before it, from the first listed on, are listed as whole
  std::uint64_t next = 0;        ///< number of the segment that grows, or that comes next
  std::uint32_t parts = 0;       ///< of that segment, listed so far
  std::uint32_t last_parts = 0;  ///< of the segment before it
  bool has_parts = false;        ///< the playlist is one of parts
};
Edge edge_of(const stream::Listing& listing, const stream::View& tracks, Container container);

/// The number and discontinuity number that the next part of a track will be named by.
struct NextPart {
  std::uint64_t discontinuity = 0;
  std::uint32_t sequence = 0;
};
std::optional<NextPart> next_part(const stream::Listing& listing, const stream::View& track);

/// The init segment of these tracks of a run, and the hash that its URI names it by.
Bytes init_segment(const stream::Run& run, std::span<const std::uint32_t> tracks);
std::uint64_t init_hash(BytesView init);

}  // namespace sluice::hls
