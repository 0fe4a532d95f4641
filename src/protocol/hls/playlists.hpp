#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "format/m3u8/master_playlist.hpp"
#include "format/m3u8/media_playlist.hpp"
#include "protocol/hls/address.hpp"
#include "stream/segment.hpp"

namespace sluice::hls {

/// What a playlist depends on beside the listing.
struct PlaylistOptions {
  Container container = Container::cmaf;  ///< never automatic
  std::string segment_base;   ///< put before "tracks-..." in segment, part and init URIs: "", "../" or an absolute URL
  std::string playlist_base;  ///< the same for playlists, which stay here: "" or "../"
  bool separate_audio = false;
  bool audio_only = false;    ///< an extra variant without video
};

/// The indexes of `tracks` that the container carries, in the order of the view.
std::vector<std::uint32_t> carried(const media::Tracks& tracks, const stream::View& view, Container container);

/// The container that `automatic` stands for with these tracks.
Container container_for(const media::Tracks& tracks);

/// A playlist of variants and renditions of these tracks.
m3u8::MasterPlaylist master_playlist(const stream::Listing& listing, std::span<const std::uint32_t> tracks,
                                     const PlaylistOptions& options);

/// A playlist of segments that hold all of `tracks`. `others`: the tracks that low-latency playlists report on.
m3u8::MediaPlaylist media_playlist(const stream::Listing& listing, std::span<const std::uint32_t> tracks,
                                   std::span<const std::uint32_t> others, const PlaylistOptions& options);

/// How far a track's low-latency playlist has come: the segment that grows (or comes next) and how many parts it has.
struct PartEdge {
  std::uint64_t number = 0;
  std::uint32_t parts = 0;
};
std::optional<PartEdge> part_edge(const stream::Listing& listing, std::uint32_t track);

/// The init segment of these tracks of a run, and the hash that its URL names it by.
Bytes init_segment(const stream::Run& run, std::span<const std::uint32_t> tracks);
std::string init_hash(const stream::Run& run, std::span<const std::uint32_t> tracks);

}  // namespace sluice::hls
