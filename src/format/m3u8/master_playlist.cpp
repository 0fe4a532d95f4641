#include "format/m3u8/master_playlist.hpp"

#include <fmt/format.h>

#include "format/m3u8/playlist_text.hpp"

namespace sluice::m3u8 {
namespace {

std::string_view to_word(Rendition::Type type) {
  switch (type) {
    case Rendition::Type::audio: return "AUDIO";
    case Rendition::Type::video: return "VIDEO";
    case Rendition::Type::subtitles: return "SUBTITLES";
    case Rendition::Type::closed_captions: return "CLOSED-CAPTIONS";
  }
  return "AUDIO";
}

void write_rendition(PlaylistText& out, const Rendition& rendition) {
  out.open("EXT-X-MEDIA");
  out.word("TYPE", to_word(rendition.type));
  out.quoted("GROUP-ID", rendition.group_id);
  out.quoted("NAME", rendition.name);
  if (!rendition.language.empty()) out.quoted("LANGUAGE", rendition.language);
  out.word("DEFAULT", rendition.is_default ? "YES" : "NO");
  out.word("AUTOSELECT", rendition.autoselect ? "YES" : "NO");
  if (rendition.forced) out.word("FORCED", "YES");
  if (!rendition.instream_id.empty()) out.quoted("INSTREAM-ID", rendition.instream_id);
  if (rendition.channels != 0) out.quoted("CHANNELS", std::to_string(rendition.channels));
  if (!rendition.uri.empty()) out.uri("URI", rendition.uri);
  out.end_line();
}

void write_variant(PlaylistText& out, const Variant& variant) {
  out.open("EXT-X-STREAM-INF");
  out.number("BANDWIDTH", variant.bandwidth);
  if (variant.average_bandwidth != 0) out.number("AVERAGE-BANDWIDTH", variant.average_bandwidth);
  if (!variant.codecs.empty()) out.quoted("CODECS", variant.codecs);
  if (variant.width != 0 && variant.height != 0) {
    out.word("RESOLUTION", fmt::format("{}x{}", variant.width, variant.height));
  }
  if (variant.frame_rate > 0) out.word("FRAME-RATE", fmt::format("{:.3f}", variant.frame_rate));
  if (!variant.audio.empty()) out.quoted("AUDIO", variant.audio);
  if (!variant.subtitles.empty()) out.quoted("SUBTITLES", variant.subtitles);
  if (!variant.closed_captions.empty()) out.quoted("CLOSED-CAPTIONS", variant.closed_captions);
  out.end_line();
  out.uri_line(variant.uri);
}

}  // namespace

Playlist write(const MasterPlaylist& playlist) {
  PlaylistText out;
  // Section 8 asks for no version here, and allows 4 where there are renditions.
  if (!playlist.renditions.empty()) out.tag("EXT-X-VERSION", 4);
  if (playlist.independent_segments) out.tag("EXT-X-INDEPENDENT-SEGMENTS");
  for (const auto& rendition : playlist.renditions) write_rendition(out, rendition);
  for (const auto& variant : playlist.variants) write_variant(out, variant);
  return out.take();
}

}  // namespace sluice::m3u8
