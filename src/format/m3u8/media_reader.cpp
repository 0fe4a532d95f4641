#include <algorithm>
#include <array>
#include <bitset>
#include <limits>

#include "format/m3u8/attributes.hpp"
#include "format/m3u8/lines.hpp"
#include "format/m3u8/reader.hpp"
#include "format/m3u8/values.hpp"

namespace sluice::m3u8 {
namespace {

constexpr std::size_t kMaxEntries = 100'000;
constexpr std::uint64_t kMaxTargetDuration = 1'000'000;

/// Reads one Media Playlist. Each tag is a row of kTags and a handler. Sticky: the first thing that is wrong ends it.
class MediaReader {
 public:
  Result<ParsedMedia> read(Lines& lines);

 private:
  using Handler = void (MediaReader::*)(std::string_view value);
  struct Row {
    std::string_view tag;
    Handler handler;
    bool once;       ///< may stand once in a playlist
    bool has_value;  ///< stands with a colon
  };
  static const std::array<Row, 24> kTags;

  void on_tag(const Line& line);
  void on_uri(std::string_view uri);

  void on_version(std::string_view value);
  void on_target_duration(std::string_view value);
  void on_media_sequence(std::string_view value);
  void on_discontinuity_sequence(std::string_view value);
  void on_playlist_type(std::string_view value);
  void on_independent_segments(std::string_view) { media().independent_segments = true; }
  void on_endlist(std::string_view) { media().ended = true; }
  void on_part_inf(std::string_view value);
  void on_server_control(std::string_view value);
  void on_extinf(std::string_view value);
  void on_discontinuity(std::string_view value);
  void on_map(std::string_view value);
  void on_program_date_time(std::string_view value);
  void on_gap(std::string_view value);
  void on_part(std::string_view value);
  void on_skip(std::string_view value);
  void on_preload_hint(std::string_view value);
  void on_rendition_report(std::string_view value);
  void on_passed_over(std::string_view) {}
  void on_unsupported(std::string_view) { refuse(Errc::unsupported); }

  void finish();
  MediaPlaylist& media() { return out_.playlist; }
  /// True before the first segment, part and EXT-X-SKIP.
  [[nodiscard]] bool at_head() const {
    return out_.playlist.segments.empty() && pending_.parts.empty() && out_.skipped_segments == 0;
  }
  void count_entry() {
    if (++entries_ > kMaxEntries) refuse(Errc::too_large);
  }
  void needs_version(std::uint64_t version) { out_.required_version = std::max(out_.required_version, version); }
  void refuse(Errc code) {
    if (!error_) error_ = code;
  }
  void check(const AttributeList& list) {
    if (list.error()) refuse(*list.error());
  }

  ParsedMedia out_;
  Segment pending_;  ///< the tags and parts of the segment whose URI is still to come
  bool has_target_duration_ = false;
  bool has_extinf_ = false;   ///< of `pending_`
  bool has_pending_ = false;  ///< a tag of the next segment was read
  std::string map_uri_;       ///< EXT-X-MAP in force
  std::vector<std::size_t> reports_without_msn_;
  std::bitset<32> seen_;  ///< rows of kTags
  std::size_t entries_ = 0;
  std::optional<Errc> error_;
};

constexpr std::array<MediaReader::Row, 24> MediaReader::kTags = {{
    {"EXT-X-VERSION", &MediaReader::on_version, true, true},
    {"EXT-X-TARGETDURATION", &MediaReader::on_target_duration, true, true},
    {"EXT-X-MEDIA-SEQUENCE", &MediaReader::on_media_sequence, true, true},
    {"EXT-X-DISCONTINUITY-SEQUENCE", &MediaReader::on_discontinuity_sequence, true, true},
    {"EXT-X-PLAYLIST-TYPE", &MediaReader::on_playlist_type, true, true},
    {"EXT-X-INDEPENDENT-SEGMENTS", &MediaReader::on_independent_segments, true, false},
    {"EXT-X-ENDLIST", &MediaReader::on_endlist, true, false},
    {"EXT-X-PART-INF", &MediaReader::on_part_inf, true, true},
    {"EXT-X-SERVER-CONTROL", &MediaReader::on_server_control, true, true},
    {"EXT-X-SKIP", &MediaReader::on_skip, true, true},
    {"EXT-X-START", &MediaReader::on_passed_over, true, true},
    {"EXTINF", &MediaReader::on_extinf, false, true},
    {"EXT-X-DISCONTINUITY", &MediaReader::on_discontinuity, false, false},
    {"EXT-X-MAP", &MediaReader::on_map, false, true},
    {"EXT-X-PROGRAM-DATE-TIME", &MediaReader::on_program_date_time, false, true},
    {"EXT-X-GAP", &MediaReader::on_gap, false, false},
    {"EXT-X-PART", &MediaReader::on_part, false, true},
    {"EXT-X-PRELOAD-HINT", &MediaReader::on_preload_hint, false, true},
    {"EXT-X-RENDITION-REPORT", &MediaReader::on_rendition_report, false, true},
    // They change what a segment's URI stands for, so that a reader may not pass them over.
    {"EXT-X-BYTERANGE", &MediaReader::on_unsupported, false, true},
    {"EXT-X-KEY", &MediaReader::on_unsupported, false, true},
    {"EXT-X-DEFINE", &MediaReader::on_unsupported, false, true},
    {"EXT-X-I-FRAMES-ONLY", &MediaReader::on_unsupported, true, false},
    {"EXT-X-BITRATE", &MediaReader::on_passed_over, false, true},
}};

Result<ParsedMedia> MediaReader::read(Lines& lines) {
  while (!error_) {
    const auto line = lines.next();
    if (!line) return fail(line.error());
    if (!line->tag.empty()) {
      on_tag(*line);
    } else if (!line->rest.empty()) {
      on_uri(line->rest);
    } else {
      finish();
      break;
    }
  }
  if (error_) return fail(*error_);
  return std::move(out_);
}

void MediaReader::on_tag(const Line& line) {
  const auto row = std::ranges::find(kTags, line.tag, &Row::tag);
  if (row == kTags.end()) {
    if (is_master_tag(line.tag)) refuse(Errc::misplaced);
    return;
  }
  if (line.has_colon != row->has_value) return refuse(Errc::bad_value);
  const auto index = static_cast<std::size_t>(row - kTags.begin());
  if (row->once && seen_[index]) return refuse(Errc::duplicate);
  seen_.set(index);
  (this->*row->handler)(line.rest);
}

void MediaReader::on_uri(std::string_view uri) {
  if (!has_extinf_) return refuse(Errc::missing);
  count_entry();
  pending_.uri = uri;
  pending_.map_uri = map_uri_;
  media().segments.push_back(std::move(pending_));
  pending_ = {};
  has_extinf_ = has_pending_ = false;
}

void MediaReader::on_version(std::string_view value) {
  const auto version = parse_integer(value);
  if (!version || *version == 0) return refuse(Errc::bad_value);
  out_.version = *version;
}

void MediaReader::on_target_duration(std::string_view value) {
  const auto seconds = parse_integer(value);
  if (!seconds || *seconds == 0 || *seconds > kMaxTargetDuration) return refuse(Errc::bad_value);
  media().target_duration = static_cast<std::uint32_t>(*seconds);
  has_target_duration_ = true;
}

void MediaReader::on_media_sequence(std::string_view value) {
  const auto number = parse_integer(value);
  // Room for the numbers of the segments that follow.
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() / 2) return refuse(Errc::bad_value);
  if (!at_head()) return refuse(Errc::misplaced);
  media().media_sequence = *number;
  out_.has_media_sequence = true;
}

void MediaReader::on_discontinuity_sequence(std::string_view value) {
  const auto number = parse_integer(value);
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() / 2) return refuse(Errc::bad_value);
  if (!at_head() || pending_.discontinuity) return refuse(Errc::misplaced);
  media().discontinuity_sequence = *number;
  out_.has_discontinuity_sequence = true;
}

void MediaReader::on_playlist_type(std::string_view value) {
  if (value != "EVENT" && value != "VOD") return refuse(Errc::bad_value);
  media().type = value == "VOD" ? PlaylistType::vod : PlaylistType::event;
}

void MediaReader::on_part_inf(std::string_view value) {
  AttributeList list(value);
  media().part_target = list.seconds("PART-TARGET");
  check(list);
}

void MediaReader::on_server_control(std::string_view value) {
  AttributeList list(value);
  media().server_control = ServerControl{.can_block_reload = list.yes("CAN-BLOCK-RELOAD"),
                                         .can_skip_until = list.seconds_or_zero("CAN-SKIP-UNTIL"),
                                         .hold_back = list.seconds_or_zero("HOLD-BACK"),
                                         .part_hold_back = list.seconds_or_zero("PART-HOLD-BACK")};
  if (list.yes("CAN-SKIP-DATERANGES") && !list.has("CAN-SKIP-UNTIL")) list.refuse(Errc::missing);
  check(list);
}

void MediaReader::on_extinf(std::string_view value) {
  if (has_extinf_) return refuse(Errc::duplicate);
  const auto comma = value.find(',');
  const auto duration = parse_seconds(value.substr(0, comma));
  if (comma == value.npos || !duration) return refuse(Errc::bad_value);
  if (value.substr(0, comma).contains('.')) needs_version(3);
  pending_.duration = *duration;
  has_extinf_ = has_pending_ = true;
}

void MediaReader::on_discontinuity(std::string_view) {
  if (pending_.discontinuity) return refuse(Errc::duplicate);
  if (!pending_.parts.empty()) return refuse(Errc::misplaced);
  pending_.discontinuity = has_pending_ = true;
}

void MediaReader::on_map(std::string_view value) {
  if (!pending_.parts.empty()) return refuse(Errc::misplaced);
  AttributeList list(value);
  map_uri_ = list.quoted("URI");
  if (list.has("BYTERANGE")) list.refuse(Errc::unsupported);
  if (map_uri_.empty()) list.refuse(Errc::bad_value);
  check(list);
  needs_version(6);
  has_pending_ = true;
}

void MediaReader::on_program_date_time(std::string_view value) {
  if (pending_.program_date_time) return refuse(Errc::duplicate);
  if (!pending_.parts.empty()) return refuse(Errc::misplaced);
  pending_.program_date_time = parse_date_time(value);
  if (!pending_.program_date_time) return refuse(Errc::bad_value);
  has_pending_ = true;
}

void MediaReader::on_gap(std::string_view) {
  if (pending_.gap) return refuse(Errc::duplicate);
  pending_.gap = has_pending_ = true;
}

void MediaReader::on_part(std::string_view value) {
  // Between EXTINF and its URI a part would belong to a segment that is already described.
  if (has_extinf_) return refuse(Errc::misplaced);
  count_entry();
  AttributeList list(value);
  pending_.parts.push_back({.uri = list.quoted("URI"),
                            .duration = list.seconds("DURATION"),
                            .independent = list.yes("INDEPENDENT"),
                            .gap = list.yes("GAP")});
  if (list.has("BYTERANGE")) list.refuse(Errc::unsupported);
  check(list);
  has_pending_ = true;
}

void MediaReader::on_skip(std::string_view value) {
  if (!at_head() || has_pending_) return refuse(Errc::misplaced);
  AttributeList list(value);
  out_.skipped_segments = list.integer("SKIPPED-SEGMENTS");
  if (out_.skipped_segments > kMaxEntries) list.refuse(Errc::too_large);
  check(list);
  needs_version(list.has("RECENTLY-REMOVED-DATERANGES") ? 10 : 9);
}

void MediaReader::on_preload_hint(std::string_view value) {
  AttributeList list(value);
  const auto type = list.word("TYPE");
  PreloadHint hint{.type = type == "MAP" ? PreloadHint::Type::map : PreloadHint::Type::part, .uri = list.quoted("URI")};
  if (list.has("BYTERANGE-START") || list.has("BYTERANGE-LENGTH")) list.refuse(Errc::unsupported);
  check(list);
  // Section 6.3.8: a hint of a type that is not known is ignored.
  if (type == "PART" || type == "MAP") media().preload_hints.push_back(std::move(hint));
}

void MediaReader::on_rendition_report(std::string_view value) {
  AttributeList list(value);
  RenditionReport report{.uri = list.quoted("URI"), .last_msn = list.integer_or_zero("LAST-MSN")};
  if (list.has("LAST-PART")) {
    const auto part = list.integer("LAST-PART");
    if (part > std::numeric_limits<std::uint32_t>::max()) list.refuse(Errc::bad_value);
    report.last_part = static_cast<std::uint32_t>(part);
  }
  check(list);
  if (!list.has("LAST-MSN")) reports_without_msn_.push_back(media().rendition_reports.size());
  media().rendition_reports.push_back(std::move(report));
}

void MediaReader::finish() {
  if (!has_target_duration_ || has_extinf_) return refuse(Errc::missing);
  if (has_pending_) {
    pending_.map_uri = map_uri_;
    media().open = std::move(pending_);
  }
  // Section 4.4.5.4: an attribute that says the same as the playlist itself may be left out.
  for (const auto index : reports_without_msn_) {
    auto& report = media().rendition_reports[index];
    const Edge edge = edge_of(media(), out_.skipped_segments).value_or(Edge());
    report.last_msn = edge.msn;
    if (!report.last_part) report.last_part = edge.part;
  }
}

}  // namespace

Result<ParsedMedia> read_media(std::string_view text, std::size_t* bad_line) {
  Lines lines(text);
  const auto begun = lines.begin();
  auto parsed = begun ? MediaReader().read(lines) : fail(begun.error());
  if (!parsed && bad_line != nullptr) *bad_line = lines.number();
  return parsed;
}

}  // namespace sluice::m3u8
