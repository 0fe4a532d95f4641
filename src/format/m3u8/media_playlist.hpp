#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "format/m3u8/playlist.hpp"

namespace sluice::m3u8 {

/// Durations in playlists. EXTINF is written with three decimals, parts with up to six.
using Duration = std::chrono::microseconds;

/// EXT-X-PART, RFC 8216bis section 4.4.4.9.
struct Part {
  std::string uri;
  Duration duration{};
  bool independent = false;
  bool gap = false;

  bool operator==(const Part&) const = default;
};

/// A Media Segment and the tags applied to it, section 4.4.4.
struct Segment {
  std::string uri;
  Duration duration{};
  std::optional<UtcTime> program_date_time;  ///< written with milliseconds
  bool discontinuity = false;
  bool gap = false;
  std::string map_uri;  ///< the EXT-X-MAP in force, empty: none. Written where it differs from the segment before.
  std::vector<Part> parts;

  bool operator==(const Segment&) const = default;
};

/// EXT-X-SERVER-CONTROL, section 4.4.3.8. A duration of zero: attribute absent.
struct ServerControl {
  bool can_block_reload = false;
  Duration can_skip_until{};  ///< the Skip Boundary, at least 6 target durations
  Duration hold_back{};       ///< at least 3 target durations
  Duration part_hold_back{};  ///< at least 2, better 3 part target durations

  bool operator==(const ServerControl&) const = default;
};

/// EXT-X-PRELOAD-HINT, section 4.4.5.3.
struct PreloadHint {
  enum class Type : std::uint8_t { part, map };
  Type type = Type::part;
  std::string uri;

  bool operator==(const PreloadHint&) const = default;
};

/// EXT-X-RENDITION-REPORT, section 4.4.5.4.
struct RenditionReport {
  std::string uri;  ///< of the other Media Playlist, relative to this one
  std::uint64_t last_msn = 0;
  std::optional<std::uint32_t> last_part;  ///< where the rendition has parts

  bool operator==(const RenditionReport&) const = default;
};

enum class PlaylistType : std::uint8_t { event, vod };

/// A Media Playlist, section 4.4.3 to 4.4.5. URIs are absolute or relative to the playlist, percent-encoded where
/// RFC 3986 asks for it.
struct MediaPlaylist {
  std::uint32_t target_duration = 1;         ///< whole seconds, at least 1
  std::uint64_t media_sequence = 0;          ///< of the first segment
  std::uint64_t discontinuity_sequence = 0;  ///< how many EXT-X-DISCONTINUITY were before the first segment's own
  bool independent_segments = false;
  bool ended = false;                ///< EXT-X-ENDLIST
  std::optional<PlaylistType> type;  ///< none for live
  std::optional<ServerControl> server_control;
  Duration part_target{};  ///< EXT-X-PART-INF; zero: the playlist has no parts
  std::vector<Segment> segments;
  std::optional<Segment> open;  ///< the segment that is still growing: its parts and tags; no uri, no duration
  std::vector<PreloadHint> preload_hints;  ///< at most one of a type
  std::vector<RenditionReport> rendition_reports;

  bool operator==(const MediaPlaylist&) const = default;
};

/// The newest thing in a playlist: its last part, or its last segment where that has no parts.
struct Edge {
  std::uint64_t msn = 0;              ///< Media Sequence Number
  std::optional<std::uint32_t> part;  ///< Part Index

  auto operator<=>(const Edge&) const = default;
};

/// The edge of a playlist; nothing where it has no segment and no part. `skipped_segments` stand before its segments.
std::optional<Edge> edge_of(const MediaPlaylist& playlist, std::uint64_t skipped_segments = 0);

/// How many segments a Playlist Delta Update may replace: those further from the end of the last segment than the Skip
/// Boundary (section 6.2.5.1). 0 without a Skip Boundary or after the end of the stream.
std::size_t skippable(const MediaPlaylist& playlist);

/// The lowest protocol version that allows all that the playlist has, section 8. Writers state just that.
std::uint32_t required_version(const MediaPlaylist& playlist, std::size_t skipped_segments = 0);

/// The playlist as text.
Playlist write(const MediaPlaylist& playlist);

/// The Playlist Delta Update: the first `skippable` segments replaced by EXT-X-SKIP. The whole playlist where nothing
/// is skippable.
Playlist write_delta(const MediaPlaylist& playlist);

}  // namespace sluice::m3u8
