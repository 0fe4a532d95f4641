#include "format/m3u8/media_playlist.hpp"

#include <algorithm>

#include "format/m3u8/playlist_text.hpp"
#include "format/m3u8/values.hpp"

namespace sluice::m3u8 {
namespace {

/// The open segment where the playlist shows it, else null: tags without a part would belong to nothing.
const Segment* shown_open(const MediaPlaylist& playlist) {
  return playlist.open && !playlist.open->parts.empty() && !playlist.ended ? &*playlist.open : nullptr;
}

bool has_discontinuity(const MediaPlaylist& playlist) {
  const auto* open = shown_open(playlist);
  return std::ranges::any_of(playlist.segments, &Segment::discontinuity) || (open != nullptr && open->discontinuity);
}

bool has_map(const MediaPlaylist& playlist) {
  const auto* open = shown_open(playlist);
  return std::ranges::any_of(playlist.segments, [](const Segment& s) { return !s.map_uri.empty(); }) ||
         (open != nullptr && !open->map_uri.empty());
}

void write_server_control(PlaylistText& out, const ServerControl& control) {
  // A tag needs at least one attribute.
  if (control == ServerControl()) return;
  out.open("EXT-X-SERVER-CONTROL");
  if (control.can_block_reload) out.word("CAN-BLOCK-RELOAD", "YES");
  if (control.can_skip_until.count() != 0) out.seconds("CAN-SKIP-UNTIL", control.can_skip_until);
  if (control.hold_back.count() != 0) out.seconds("HOLD-BACK", control.hold_back);
  if (control.part_hold_back.count() != 0) out.seconds("PART-HOLD-BACK", control.part_hold_back);
  out.end_line();
}

void write_head(PlaylistText& out, const MediaPlaylist& playlist, std::size_t skipped) {
  out.tag("EXT-X-VERSION", required_version(playlist, skipped));
  out.tag("EXT-X-TARGETDURATION", playlist.target_duration);
  if (playlist.server_control) write_server_control(out, *playlist.server_control);
  if (playlist.part_target.count() != 0) {
    out.open("EXT-X-PART-INF");
    out.seconds("PART-TARGET", playlist.part_target);
    out.end_line();
  }
  out.tag("EXT-X-MEDIA-SEQUENCE", playlist.media_sequence);
  if (playlist.discontinuity_sequence != 0 || has_discontinuity(playlist)) {
    out.tag("EXT-X-DISCONTINUITY-SEQUENCE", playlist.discontinuity_sequence);
  }
  if (playlist.type) {
    out.open("EXT-X-PLAYLIST-TYPE");
    out.value() += *playlist.type == PlaylistType::vod ? "VOD" : "EVENT";
    out.end_line();
  }
  if (playlist.independent_segments) out.tag("EXT-X-INDEPENDENT-SEGMENTS");
}

/// The tags that apply to a segment as a whole. They stand before its first part, section 4.4.4.9.
void write_segment_tags(PlaylistText& out, const Segment& segment, std::string_view map_before) {
  if (segment.discontinuity) out.tag("EXT-X-DISCONTINUITY");
  if (segment.map_uri != map_before) {
    out.open("EXT-X-MAP");
    out.uri("URI", segment.map_uri);
    out.end_line();
  }
  if (segment.program_date_time) {
    out.open("EXT-X-PROGRAM-DATE-TIME");
    append_date_time(out.value(), *segment.program_date_time);
    out.end_line();
  }
}

void write_parts(PlaylistText& out, const std::vector<Part>& parts) {
  for (const auto& part : parts) {
    out.open("EXT-X-PART");
    out.seconds("DURATION", part.duration);
    out.uri("URI", part.uri);
    if (part.independent) out.word("INDEPENDENT", "YES");
    if (part.gap) out.word("GAP", "YES");
    out.end_line();
  }
}

/// Returns the EXT-X-MAP that is in force behind the segment.
std::string_view write_segment(PlaylistText& out, const Segment& segment, std::string_view map_before) {
  write_segment_tags(out, segment, map_before);
  write_parts(out, segment.parts);
  if (segment.gap) out.tag("EXT-X-GAP");
  out.open("EXTINF");
  append_milliseconds(out.value(), segment.duration);
  out.end_line(",");
  out.uri_line(segment.uri);
  return segment.map_uri;
}

/// What only a playlist that goes on has at its end: the open segment and what comes next.
void write_edge(PlaylistText& out, const MediaPlaylist& playlist, std::string_view map_before) {
  if (const auto* open = shown_open(playlist)) {
    write_segment_tags(out, *open, map_before);
    write_parts(out, open->parts);
  }
  for (const auto& hint : playlist.preload_hints) {
    out.open("EXT-X-PRELOAD-HINT");
    out.word("TYPE", hint.type == PreloadHint::Type::part ? "PART" : "MAP");
    out.uri("URI", hint.uri);
    out.end_line();
  }
}

void write_reports(PlaylistText& out, const std::vector<RenditionReport>& reports) {
  for (const auto& report : reports) {
    out.open("EXT-X-RENDITION-REPORT");
    out.uri("URI", report.uri);
    out.number("LAST-MSN", report.last_msn);
    if (report.last_part) out.number("LAST-PART", *report.last_part);
    out.end_line();
  }
}

Playlist write(const MediaPlaylist& playlist, std::size_t skipped) {
  PlaylistText out;
  write_head(out, playlist, skipped);
  std::string_view map;
  if (skipped != 0) {
    out.open("EXT-X-SKIP");
    out.number("SKIPPED-SEGMENTS", skipped);
    out.end_line();
    // The tags of the skipped segments are skipped with them; their map stays in force.
    map = playlist.segments[skipped - 1].map_uri;
  }
  for (std::size_t i = skipped; i < playlist.segments.size(); ++i) map = write_segment(out, playlist.segments[i], map);
  if (!playlist.ended) write_edge(out, playlist, map);
  write_reports(out, playlist.rendition_reports);
  if (playlist.ended) out.tag("EXT-X-ENDLIST");
  return out.take();
}

}  // namespace

std::optional<Edge> edge_of(const MediaPlaylist& playlist, std::uint64_t skipped_segments) {
  const std::uint64_t next = playlist.media_sequence + skipped_segments + playlist.segments.size();
  const auto last_part = [](const Segment& segment) {
    return segment.parts.empty() ? std::nullopt : std::optional(static_cast<std::uint32_t>(segment.parts.size() - 1));
  };
  if (const auto* open = shown_open(playlist)) return Edge{.msn = next, .part = last_part(*open)};
  if (playlist.segments.empty()) return std::nullopt;
  return Edge{.msn = next - 1, .part = last_part(playlist.segments.back())};
}

std::size_t skippable(const MediaPlaylist& playlist) {
  if (!playlist.server_control || playlist.ended) return 0;
  const Duration boundary = playlist.server_control->can_skip_until;
  if (boundary.count() == 0) return 0;
  Duration behind{};  // between the end of segment n - 1 and the end of the last segment
  std::size_t n = playlist.segments.size();
  while (n > 0 && behind <= boundary) behind += playlist.segments[--n].duration;
  return n;
}

std::uint32_t required_version(const MediaPlaylist& playlist, std::size_t skipped_segments) {
  if (skipped_segments != 0) return 9;
  if (has_map(playlist)) return 6;
  return 3;  // durations with decimals
}

Playlist write(const MediaPlaylist& playlist) { return write(playlist, 0); }

Playlist write_delta(const MediaPlaylist& playlist) { return write(playlist, skippable(playlist)); }

}  // namespace sluice::m3u8
