#pragma once

#include <string>

#include "format/m3u8/master_playlist.hpp"
#include "protocol/hls/container.hpp"
#include "stream/segment.hpp"
#include "stream/view.hpp"

namespace sluice::hls {

struct MasterPlaylistOptions {
  Container container = Container::cmaf;  ///< not automatic
  stream::View view;                      ///< the tracks, in the viewer's order
  bool separate_audio = false;            ///< also a single audio track is a rendition
  bool audio_only = false;                ///< adds a variant without video
};

/// The variants and renditions of a listing's newest run: a variant for each video track, with the audio track muxed in
/// if there is one and it need not be separate; else renditions of each audio track. URIs are relative to the media.
/// Nothing to play: no variants.
m3u8::MasterPlaylist master_playlist(const stream::Listing& listing, const MasterPlaylistOptions& options);

/// "tracks-v1a1/mono.ts.m3u8": the media playlist of these tracks.
std::string playlist_uri(const std::string& selector, Container container);

}  // namespace sluice::hls
