#include "format/m3u8/lines.hpp"

#include <algorithm>
#include <array>

#include "format/m3u8/values.hpp"

namespace sluice::m3u8 {
namespace {

constexpr std::size_t kMaxText = std::size_t{4} << 20;

bool is_tag_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
}

constexpr std::array<std::string_view, 21> kMediaTags = {
    "EXT-X-TARGETDURATION",
    "EXT-X-MEDIA-SEQUENCE",
    "EXT-X-DISCONTINUITY-SEQUENCE",
    "EXT-X-ENDLIST",
    "EXT-X-PLAYLIST-TYPE",
    "EXT-X-I-FRAMES-ONLY",
    "EXT-X-PART-INF",
    "EXT-X-SERVER-CONTROL",
    "EXTINF",
    "EXT-X-BYTERANGE",
    "EXT-X-DISCONTINUITY",
    "EXT-X-KEY",
    "EXT-X-MAP",
    "EXT-X-PROGRAM-DATE-TIME",
    "EXT-X-GAP",
    "EXT-X-BITRATE",
    "EXT-X-PART",
    "EXT-X-DATERANGE",
    "EXT-X-SKIP",
    "EXT-X-PRELOAD-HINT",
    "EXT-X-RENDITION-REPORT",
};
constexpr std::array<std::string_view, 6> kMasterTags = {
    "EXT-X-MEDIA",        "EXT-X-STREAM-INF",  "EXT-X-I-FRAME-STREAM-INF",
    "EXT-X-SESSION-DATA", "EXT-X-SESSION-KEY", "EXT-X-CONTENT-STEERING",
};

}  // namespace

bool is_media_tag(std::string_view tag) { return std::ranges::find(kMediaTags, tag) != kMediaTags.end(); }

bool is_master_tag(std::string_view tag) { return std::ranges::find(kMasterTags, tag) != kMasterTags.end(); }

Result<void> Lines::begin() {
  if (text_.size() > kMaxText) return fail(Errc::too_large);
  const auto line = take();
  if (!line) return fail(line.error());
  if (*line != "#EXTM3U") return fail(Errc::not_a_playlist);
  return {};
}

Result<Line> Lines::next() {
  while (!text_.empty()) {
    const auto line = take();
    if (!line) return fail(line.error());
    if (line->empty()) continue;
    if (!line->starts_with('#')) {
      // Section 4.1: no white space but where an element is defined with it.
      if (line->contains(' ')) return fail(Errc::bad_value);
      return Line{.tag = {}, .rest = *line};
    }
    if (!line->starts_with("#EXT")) continue;
    const auto colon = std::min(line->find(':'), line->size());
    const bool has_colon = colon < line->size();
    if (!is_tag_name(line->substr(1, colon - 1))) return fail(Errc::bad_value);
    return Line{.tag = line->substr(1, colon - 1),
                .rest = has_colon ? line->substr(colon + 1) : std::string_view(),
                .has_colon = has_colon};
  }
  return Line();
}

Result<std::string_view> Lines::take() {
  ++number_;
  std::size_t at = 0;
  while (at < text_.size() && text_[at] != '\n' && text_.substr(at, 2) != "\r\n") {
    const auto length = character_length(text_.substr(at));
    if (length == 0) return fail(Errc::not_a_playlist);
    at += length;
  }
  const auto line = text_.substr(0, at);
  text_.remove_prefix(at);
  if (!text_.empty()) text_.remove_prefix(text_.front() == '\n' ? 1 : 2);
  return line;
}

}  // namespace sluice::m3u8
