#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "format/m3u8/errc.hpp"
#include "format/m3u8/master_playlist.hpp"
#include "format/m3u8/media_playlist.hpp"

namespace sluice::m3u8 {

/// A Media Playlist as it was read.
struct ParsedMedia {
  MediaPlaylist playlist;              ///< of a delta update: without the segments that were skipped
  std::uint64_t skipped_segments = 0;  ///< EXT-X-SKIP; 0: a whole playlist
  std::uint64_t version = 1;           ///< EXT-X-VERSION
  std::uint64_t required_version = 1;  ///< the least that section 8 allows for what the playlist has
  bool has_media_sequence = false;
  bool has_discontinuity_sequence = false;

  bool operator==(const ParsedMedia&) const = default;
};

/// Reads a Media Playlist as strictly as RFC 8216bis sections 4.1 to 4.4 put it: what a client must refuse is refused;
/// unknown tags, attributes and comments are ignored, EXT-X-DATERANGE, EXT-X-BITRATE and EXT-X-START passed over.
/// At most 4 MiB and 100,000 segments and parts. `bad_line`, if given, gets the number, from 1, of the line at which
/// reading ended.
Result<ParsedMedia> read_media(std::string_view text, std::size_t* bad_line = nullptr);

/// Reads a Multivariant Playlist in the same way. EXT-X-I-FRAME-STREAM-INF, EXT-X-SESSION-DATA, EXT-X-SESSION-KEY and
/// EXT-X-CONTENT-STEERING are passed over.
Result<MasterPlaylist> read_master(std::string_view text, std::size_t* bad_line = nullptr);

/// True where the text has a tag of a Multivariant Playlist.
bool is_master(std::string_view text);

/// The whole playlist that `update` stands for, as a client forms it (section 6.3.7): its skipped segments are taken
/// from `previous`. Returns skip_gap where `previous` lacks one of them: ask again without _HLS_skip.
Result<MediaPlaylist> merge(const MediaPlaylist& previous, const ParsedMedia& update);

/// `reference` as seen from the playlist at `base`: RFC 3986 section 5.2. Both may be absolute URIs or absolute paths.
std::string resolve_uri(std::string_view base, std::string_view reference);

}  // namespace sluice::m3u8
