#include <algorithm>
#include <array>
#include <bitset>
#include <limits>
#include <optional>

#include "format/m3u8/attributes.hpp"
#include "format/m3u8/lines.hpp"
#include "format/m3u8/reader.hpp"
#include "format/m3u8/values.hpp"

namespace sluice::m3u8 {
namespace {

constexpr std::size_t kMaxEntries = 10'000;

std::optional<Rendition::Type> to_type(std::string_view word) {
  if (word == "AUDIO") return Rendition::Type::audio;
  if (word == "VIDEO") return Rendition::Type::video;
  if (word == "SUBTITLES") return Rendition::Type::subtitles;
  if (word == "CLOSED-CAPTIONS") return Rendition::Type::closed_captions;
  return std::nullopt;
}

/// The channel count in front of CHANNELS="6/JOC".
std::uint32_t channel_count(AttributeList& list) {
  if (!list.has("CHANNELS")) return 0;
  const auto text = list.quoted("CHANNELS");
  const auto count = parse_integer(std::string_view(text).substr(0, text.find('/')));
  if (!count || *count > std::numeric_limits<std::uint32_t>::max()) {
    list.refuse(Errc::bad_value);
    return 0;
  }
  return static_cast<std::uint32_t>(*count);
}

/// Reads one Multivariant Playlist. Sticky: the first thing that is wrong ends it.
class MasterReader {
 public:
  Result<MasterPlaylist> read(Lines& lines) {
    while (!error_) {
      const auto line = lines.next();
      if (!line) return fail(line.error());
      if (line->tag.empty() && line->rest.empty()) break;
      if (!line->tag.empty()) {
        on_tag(*line);
      } else {
        on_uri(line->rest);
      }
      if (out_.renditions.size() + out_.variants.size() > kMaxEntries) refuse(Errc::too_large);
    }
    // Section 4.4.6.2: the URI line is required, and follows its tag.
    if (awaits_uri_ || out_.variants.empty()) refuse(Errc::missing);
    if (error_) return fail(*error_);
    return std::move(out_);
  }

 private:
  void on_tag(const Line& line) {
    if (is_media_tag(line.tag) || awaits_uri_) return refuse(Errc::misplaced);
    if (line.tag == "EXT-X-MEDIA") {
      on_media(line.rest);
    } else if (line.tag == "EXT-X-STREAM-INF") {
      on_stream_inf(line.rest);
    } else if (line.tag == "EXT-X-DEFINE") {
      refuse(Errc::unsupported);
    } else {
      on_single(line);
    }
  }

  /// Tags that may stand once.
  void on_single(const Line& line) {
    constexpr std::array<std::string_view, 4> kOnce = {"EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START",
                                                       "EXT-X-CONTENT-STEERING"};
    const auto found = std::ranges::find(kOnce, line.tag);
    if (found == kOnce.end()) return;
    const auto index = static_cast<std::size_t>(found - kOnce.begin());
    if (seen_[index]) return refuse(Errc::duplicate);
    seen_.set(index);
    if (line.tag == "EXT-X-VERSION" && parse_integer(line.rest).value_or(0) == 0) refuse(Errc::bad_value);
    if (line.tag == "EXT-X-INDEPENDENT-SEGMENTS") out_.independent_segments = true;
  }

  void on_media(std::string_view value) {
    AttributeList list(value);
    const auto type = to_type(list.word("TYPE"));
    Rendition rendition{.type = type.value_or(Rendition::Type::audio),
                        .group_id = list.quoted("GROUP-ID"),
                        .name = list.quoted("NAME"),
                        .language = list.quoted_or_empty("LANGUAGE"),
                        .uri = list.quoted_or_empty("URI"),
                        .instream_id = list.quoted_or_empty("INSTREAM-ID"),
                        .is_default = list.yes("DEFAULT"),
                        // Section 4.4.6.1 binds AUTOSELECT to DEFAULT only where it is present.
                        .autoselect = list.yes(list.has("AUTOSELECT") ? "AUTOSELECT" : "DEFAULT"),
                        .forced = list.yes("FORCED"),
                        .channels = channel_count(list)};
    check(list);
    // Section 6.3.1: a tag with an enumerated value that is not known is ignored.
    if (type) out_.renditions.push_back(std::move(rendition));
  }

  void on_stream_inf(std::string_view value) {
    AttributeList list(value);
    const auto resolution = list.resolution_or_zero("RESOLUTION");
    Variant variant{.uri = {},
                    .bandwidth = list.integer("BANDWIDTH"),
                    .average_bandwidth = list.integer_or_zero("AVERAGE-BANDWIDTH"),
                    .codecs = list.quoted_or_empty("CODECS"),
                    .width = resolution.width,
                    .height = resolution.height,
                    .frame_rate = list.decimal_or_zero("FRAME-RATE"),
                    .audio = list.quoted_or_empty("AUDIO"),
                    .subtitles = list.quoted_or_empty("SUBTITLES"),
                    .closed_captions = {}};
    // Group id, or the enumerated-string NONE.
    if (!value.contains("CLOSED-CAPTIONS=NONE")) variant.closed_captions = list.quoted_or_empty("CLOSED-CAPTIONS");
    check(list);
    out_.variants.push_back(std::move(variant));
    awaits_uri_ = true;
  }

  void on_uri(std::string_view uri) {
    if (!awaits_uri_) return refuse(Errc::misplaced);
    out_.variants.back().uri = uri;
    awaits_uri_ = false;
  }

  void check(const AttributeList& list) {
    if (list.error()) refuse(*list.error());
  }
  void refuse(Errc code) {
    if (!error_) error_ = code;
  }

  MasterPlaylist out_;
  bool awaits_uri_ = false;  ///< EXT-X-STREAM-INF was read, its URI was not
  std::bitset<4> seen_;
  std::optional<Errc> error_;
};

}  // namespace

Result<MasterPlaylist> read_master(std::string_view text, std::size_t* bad_line) {
  Lines lines(text);
  const auto begun = lines.begin();
  auto parsed = begun ? MasterReader().read(lines) : fail(begun.error());
  if (!parsed && bad_line != nullptr) *bad_line = lines.number();
  return parsed;
}

bool is_master(std::string_view text) {
  Lines lines(text);
  if (!lines.begin()) return false;
  for (auto line = lines.next(); line && !(line->tag.empty() && line->rest.empty()); line = lines.next()) {
    if (is_master_tag(line->tag)) return true;
    if (is_media_tag(line->tag)) return false;
  }
  return false;
}

}  // namespace sluice::m3u8
