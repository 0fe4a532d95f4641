#include "protocol/hls/playlists.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "format/mp4/init.hpp"
#include "format/mpegts/codecs.hpp"

namespace sluice::hls {
namespace {

using media::Content;
using stream::Listing;
using stream::Segment;

/// Parts are listed for the segments of the last three target durations (RFC 8216bis section 4.4.4.9).
constexpr int kPartTargets = 3;

bool is_text(const media::Track& track) { return track.content() == Content::text; }

bool holds_all(const Segment& segment, std::span<const std::uint32_t> tracks) {
  return std::ranges::all_of(tracks, [&](std::uint32_t i) { return i < segment.tracks.size() && segment.tracks[i].complete; });
}
bool is_empty(const Segment& segment, std::span<const std::uint32_t> tracks) {
  return std::ranges::all_of(tracks, [&](std::uint32_t i) { return segment.tracks[i].parts.empty(); });
}

std::string_view playlist_name(Container container) {
  switch (container) {
    case Container::ts: return "mono.ts.m3u8";
    case Container::low_latency: return "index.ll.m3u8";
    default: return "index.fmp4.m3u8";
  }
}

/// Peak and mean bit rates of some tracks together, over the complete segments of a listing.
struct Bandwidth {
  std::uint64_t peak = 0;
  std::uint64_t average = 0;
};
Bandwidth bandwidth(const Listing& listing, std::span<const std::uint32_t> tracks) {
  Bandwidth out;
  std::uint64_t bytes = 0;
  double seconds = 0;
  for (const auto& segment : listing.segments) {
    if (!segment->complete || segment->duration <= Ticks(0)) continue;
    std::uint64_t size = 0;
    for (const auto i : tracks) size += i < segment->tracks.size() ? segment->tracks[i].size : 0;
    const double length = static_cast<double>(segment->duration.count()) / 90'000;
    out.peak = std::max(out.peak, static_cast<std::uint64_t>(static_cast<double>(size) * 8 / length));
    bytes += size;
    seconds += length;
  }
  if (seconds > 0) out.average = static_cast<std::uint64_t>(static_cast<double>(bytes) * 8 / seconds);
  // Required to be there, also before the first segment is whole.
  out.peak = std::max<std::uint64_t>(out.peak, 1);
  return out;
}

std::string codecs_of(const media::Tracks& tracks, std::span<const std::uint32_t> indexes) {
  std::string out;
  for (const auto i : indexes) {
    const std::string& codec = tracks[i].details.codec_string;
    if (codec.empty() || out.find(codec) != std::string::npos) continue;
    if (!out.empty()) out += ',';
    out += codec;
  }
  return out;
}

std::string name_of(const media::Track& track) {
  if (!track.title.empty()) return track.title;
  return track.language.empty() ? track.id : track.language + " " + track.id;
}

/// Makes the variants and renditions of one master playlist.
class Master {
 public:
  Master(const Listing& listing, std::span<const std::uint32_t> tracks, const PlaylistOptions& options)
      : listing_(listing), options_(options), tracks_(listing.run()->tracks) {
    for (const auto i : tracks) {
      auto& kind = tracks_[i].content() == Content::video ? video_ : tracks_[i].content() == Content::audio ? audio_ : text_;
      kind.push_back(i);
    }
    separate_ = options.separate_audio || audio_.size() > 1 || options.container == Container::low_latency;
  }

  m3u8::MasterPlaylist make() {
    out_.independent_segments = true;
    if (separate_ && !video_.empty()) {
      for (const auto i : audio_) add_rendition(i, m3u8::Rendition::Type::audio, "audio", i == audio_.front());
    }
    for (const auto i : text_) add_rendition(i, m3u8::Rendition::Type::subtitles, "subs", i == text_.front());
    for (const auto i : video_) add_variant(i, separate_ ? std::span<const std::uint32_t>() : audio_);
    if (video_.empty() || options_.audio_only) {
      for (const auto i : audio_) add_variant(i, {});
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string uri(std::span<const std::uint32_t> tracks) const {
    return fmt::format("{}tracks-{}/{}", options_.playlist_base, stream::selector(tracks_, tracks),
                       playlist_name(options_.container));
  }

  void add_rendition(std::uint32_t index, m3u8::Rendition::Type type, std::string group, bool is_default) {
    const media::Track& track = tracks_[index];
    m3u8::Rendition rendition{.type = type, .group_id = std::move(group), .name = name_of(track), .language = track.language};
    rendition.uri = uri(std::span(&index, 1));
    rendition.is_default = is_default && type == m3u8::Rendition::Type::audio;
    rendition.autoselect = true;
    if (type == m3u8::Rendition::Type::audio) rendition.channels = track.details.channels;
    out_.renditions.push_back(std::move(rendition));
  }

  void add_variant(std::uint32_t index, std::span<const std::uint32_t> muxed_with) {
    const media::Track& track = tracks_[index];
    const bool video = track.content() == Content::video;
    std::vector<std::uint32_t> own{index};
    own.insert(own.end(), muxed_with.begin(), muxed_with.end());
    // What a player downloads: this variant and the most expensive rendition of its group.
    auto rates = bandwidth(listing_, own);
    auto all = own;
    if (video && separate_ && !audio_.empty()) {
      Bandwidth most;
      for (const auto i : audio_) {
        const auto one = bandwidth(listing_, std::span(&i, 1));
        if (one.peak > most.peak) most = one;
        all.push_back(i);
      }
      rates.peak += most.peak;
      rates.average += most.average;
    }
    m3u8::Variant variant{.uri = uri(own), .bandwidth = rates.peak, .average_bandwidth = rates.average};
    variant.codecs = codecs_of(tracks_, all);
    if (video) {
      variant.width = track.details.width;
      variant.height = track.details.height;
      variant.frame_rate = track.details.fps;
      if (separate_ && !audio_.empty()) variant.audio = "audio";
      if (!text_.empty()) variant.subtitles = "subs";
    }
    out_.variants.push_back(std::move(variant));
  }

  const Listing& listing_;
  const PlaylistOptions& options_;
  const media::Tracks tracks_;
  std::vector<std::uint32_t> video_;
  std::vector<std::uint32_t> audio_;
  std::vector<std::uint32_t> text_;
  bool separate_ = false;
  m3u8::MasterPlaylist out_;
};

/// Makes one media playlist.
class Media {
 public:
  Media(const Listing& listing, std::span<const std::uint32_t> tracks, const PlaylistOptions& options)
      : listing_(listing), tracks_(tracks), options_(options), low_latency_(options.container == Container::low_latency) {
    base_ = fmt::format("{}tracks-{}/", options.segment_base, stream::selector(listing.run()->tracks, tracks));
  }

  m3u8::MediaPlaylist make() {
    out_.target_duration = static_cast<std::uint32_t>(listing_.target_duration.count());
    out_.ended = listing_.ended;
    out_.independent_segments = true;
    if (low_latency_) out_.part_target = to_us(listing_.part_target);
    for (std::size_t i = listing_.first_listed; i < listing_.segments.size(); ++i) {
      const Segment& segment = *listing_.segments[i];
      if (tracks_.empty() || segment.tracks.size() <= *std::ranges::max_element(tracks_)) continue;
      const bool whole = holds_all(segment, tracks_) && (low_latency_ || segment.complete);
      if (whole) {
        add_segment(segment);
      } else {
        if (low_latency_) add_open(segment);
        break;
      }
    }
    if (low_latency_) finish_low_latency();
    return std::move(out_);
  }

 private:
  void begin(const Segment& segment) {
    if (!out_.segments.empty()) return;
    out_.media_sequence = segment.number;
    // The tag of the first segment stays as long as the segment does, and counts only once it is gone.
    out_.discontinuity_sequence = segment.run->discontinuity - (segment.begins_run ? 1 : 0);
  }

  [[nodiscard]] m3u8::Segment tags(const Segment& segment) const {
    m3u8::Segment out;
    out.program_date_time = segment.utc;
    out.discontinuity = segment.begins_run;
    if (options_.container != Container::ts && !is_text(segment.run->tracks[tracks_[0]])) {
      out.map_uri = base_ + "init-" + init_hash(*segment.run, tracks_) + ".mp4";
    }
    return out;
  }

  [[nodiscard]] std::vector<m3u8::Part> parts(const Segment& segment) const {
    std::vector<m3u8::Part> out;
    const auto& stored = segment.tracks[tracks_[0]].parts;
    for (std::size_t i = 0; i < stored.size(); ++i) {
      out.push_back({.uri = fmt::format("{}part-{}.{}.m4s", base_, segment.number, i),
                     .duration = to_us(stored[i].duration),
                     .independent = stored[i].independent});
    }
    return out;
  }

  void add_segment(const Segment& segment) {
    begin(segment);
    m3u8::Segment out = tags(segment);
    const media::Track& first = segment.run->tracks[tracks_[0]];
    const bool ts = options_.container == Container::ts;
    out.uri = base_ + (low_latency_ ? fmt::format("segment-{}.m4s", segment.number)
                                    : segment.name() + (is_text(first) ? (ts ? ".ts.vtt" : ".vtt") : ts ? ".ts" : ".fmp4"));
    // With parts, a segment is as long as its parts; else as the leading track is, which all playlists share.
    const auto& stored = segment.tracks[tracks_[0]];
    out.duration = to_us(low_latency_ && !stored.parts.empty() ? stored.duration() : segment.duration);
    out.gap = is_empty(segment, tracks_) && !is_text(first);
    for (const auto i : tracks_) {
      if (segment.tracks[i].dependent && segment.run->tracks[i].content() == Content::video) out_.independent_segments = false;
    }
    if (low_latency_) out.parts = parts(segment);
    out_.segments.push_back(std::move(out));
  }

  void add_open(const Segment& segment) {
    if (segment.tracks[tracks_[0]].parts.empty() && out_.segments.empty()) return;
    begin(segment);
    out_.open = tags(segment);
    out_.open->parts = parts(segment);
  }

  void finish_low_latency() {
    using std::chrono::microseconds;
    const auto target = std::chrono::duration_cast<microseconds>(listing_.target_duration);
    out_.server_control = m3u8::ServerControl{.can_block_reload = true,
                                              .can_skip_until = target * 6,
                                              .part_hold_back = to_us(listing_.part_target) * 3};
    microseconds behind{};
    for (auto segment = out_.segments.rbegin(); segment != out_.segments.rend(); ++segment) {
      if (behind >= target * kPartTargets) segment->parts.clear();
      behind += segment->duration;
    }
    if (out_.ended) return;
    if (const auto edge = part_edge(listing_, tracks_[0])) {
      out_.preload_hints.push_back({.uri = fmt::format("{}part-{}.{}.m4s", base_, edge->number, edge->parts)});
    }
  }

  const Listing& listing_;
  const std::span<const std::uint32_t> tracks_;
  const PlaylistOptions& options_;
  const bool low_latency_;
  std::string base_;
  m3u8::MediaPlaylist out_;
};

}  // namespace

std::vector<std::uint32_t> carried(const media::Tracks& tracks, const stream::View& view, Container container) {
  auto out = view.select(tracks);
  std::erase_if(out, [&](std::uint32_t i) {
    if (is_text(tracks[i])) return container == Container::low_latency;
    return !(container == Container::ts ? mpegts::carries(*tracks[i].codec) : mp4::carries(*tracks[i].codec)) ||
           tracks[i].content() == Content::data;
  });
  return out;
}

Container container_for(const media::Tracks& tracks) {
  const bool ts = std::ranges::all_of(tracks, [](const media::Track& track) {
    return track.content() != Content::video || mpegts::carries(*track.codec);
  });
  return ts ? Container::ts : Container::cmaf;
}

m3u8::MasterPlaylist master_playlist(const Listing& listing, std::span<const std::uint32_t> tracks,
                                     const PlaylistOptions& options) {
  return Master(listing, tracks, options).make();
}

m3u8::MediaPlaylist media_playlist(const Listing& listing, std::span<const std::uint32_t> tracks,
                                   std::span<const std::uint32_t> others, const PlaylistOptions& options) {
  auto playlist = Media(listing, tracks, options).make();
  if (options.container != Container::low_latency) return playlist;
  const auto& all = listing.run()->tracks;
  for (const auto i : others) {
    if (i == tracks[0]) continue;
    const auto edge = part_edge(listing, i);
    if (!edge) continue;
    m3u8::RenditionReport report{.uri = fmt::format("{}tracks-{}/index.ll.m3u8", options.playlist_base, all[i].id)};
    // The newest part: of the segment that grows, or the last of the one before it.
    report.last_msn = edge->parts > 0 ? edge->number : edge->number - 1;
    if (edge->parts > 0) report.last_part = edge->parts - 1;
    for (const auto& segment : listing.segments) {
      if (edge->parts == 0 && segment->number == report.last_msn && !segment->tracks[i].parts.empty()) {
        report.last_part = static_cast<std::uint32_t>(segment->tracks[i].parts.size() - 1);
      }
    }
    playlist.rendition_reports.push_back(std::move(report));
  }
  return playlist;
}

std::optional<PartEdge> part_edge(const Listing& listing, std::uint32_t track) {
  if (listing.segments.empty()) return {};
  for (const auto& segment : listing.segments) {
    if (track >= segment->tracks.size()) continue;
    if (segment->tracks[track].complete) continue;
    return PartEdge{.number = segment->number, .parts = static_cast<std::uint32_t>(segment->tracks[track].parts.size())};
  }
  return PartEdge{.number = listing.segments.back()->number + 1, .parts = 0};
}

Bytes init_segment(const stream::Run& run, std::span<const std::uint32_t> tracks) {
  std::vector<mp4::InitTrack> out;
  for (const auto i : tracks) out.push_back({.track_id = i + 1, .track = run.tracks[i]});
  return mp4::write_init(out);
}

std::string init_hash(const stream::Run& run, std::span<const std::uint32_t> tracks) {
  const Bytes bytes = init_segment(run, tracks);
  return fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
}

}  // namespace sluice::hls
