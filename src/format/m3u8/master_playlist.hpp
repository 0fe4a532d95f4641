#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/m3u8/playlist.hpp"

namespace sluice::m3u8 {

/// EXT-X-MEDIA, RFC 8216bis section 4.4.6.1.
struct Rendition {
  enum class Type : std::uint8_t { audio, video, subtitles, closed_captions };
  Type type = Type::audio;
  std::string group_id;
  std::string name;         ///< unique in its group
  std::string language;     ///< RFC 5646, empty: absent
  std::string uri;          ///< empty: the media is in the variants' own playlists
  std::string instream_id;  ///< of closed captions: "CC1", "SERVICE1"
  bool is_default = false;
  bool autoselect = false;     ///< must be set where is_default is
  bool forced = false;         ///< of subtitles
  std::uint32_t channels = 0;  ///< of audio, 0: absent

  bool operator==(const Rendition&) const = default;
};

/// EXT-X-STREAM-INF and its URI, section 4.4.6.2. Zero and empty: attribute absent.
struct Variant {
  std::string uri;
  std::uint64_t bandwidth = 0;          ///< peak segment bit rate of the most expensive combination, bit/s; required
  std::uint64_t average_bandwidth = 0;  ///< bit/s
  std::string codecs;                   ///< RFC 6381, comma-separated, of all its renditions
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double frame_rate = 0;        ///< written with three decimals
  std::string audio;            ///< group id
  std::string subtitles;        ///< group id
  std::string closed_captions;  ///< group id

  bool operator==(const Variant&) const = default;
};

/// A Multivariant (master) Playlist. Players usually begin with the first variant.
struct MasterPlaylist {
  bool independent_segments = false;
  std::vector<Rendition> renditions;
  std::vector<Variant> variants;

  bool operator==(const MasterPlaylist&) const = default;
};

Playlist write(const MasterPlaylist& playlist);

}  // namespace sluice::m3u8
