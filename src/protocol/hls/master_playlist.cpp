#include "protocol/hls/master_playlist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "protocol/hls/selection.hpp"

namespace sluice::hls {
namespace {

using media::Content;
using stream::Listing;
using stream::Segment;
using Indexes = std::vector<std::uint32_t>;

constexpr std::string_view kAudioGroup = "audio";
constexpr std::string_view kTextGroup = "subs";

/// Bits a second of some tracks, over the listed segments.
struct Rate {
  std::uint64_t peak = 0;
  std::uint64_t average = 0;
};

/// Bytes that a track has in a segment as `container` packs it.
std::uint64_t packed_size(const Segment& segment, std::uint32_t track, Container container) {
  const stream::TrackSegment& stored = segment.tracks[track];
  if (container != Container::ts) return stored.size;
  // A packet of 188 bytes holds 184; a frame, or 200 ms of audio, ends in a packet that it does not fill.
  const bool audio = segment.run->tracks[track].content() == Content::audio;
  const std::uint64_t units = audio ? static_cast<std::uint64_t>(stored.duration() / Ticks(18'000) + 1) : stored.frames;
  return (stored.size + 183) / 184 * 188 + units * 188;
}

Rate rate_of(const Listing& listing, const stream::View& tracks, Container container) {
  Rate out;
  std::uint64_t bits = 0;
  Ticks time{};
  for (std::size_t i = listing.first_listed; i < listing.segments.size(); ++i) {
    const Segment& segment = *listing.segments[i];
    if (!segment.complete || segment.duration <= Ticks(0)) continue;
    std::uint64_t size = 0;
    for (const auto track : tracks.select(segment.run->tracks)) size += packed_size(segment, track, container);
    out.peak = std::max(out.peak, size * 8 * 90'000 / static_cast<std::uint64_t>(segment.duration.count()));
    bits += size * 8;
    time += segment.duration;
  }
  if (time > Ticks(0)) out.average = bits * 90'000 / static_cast<std::uint64_t>(time.count());
  return out;
}

/// As the parameter sets say, else as the newest segment shows.
double frame_rate(const Listing& listing, const media::Track& track) {
  if (track.details.fps > 0) return track.details.fps;
  for (auto segment = listing.segments.rbegin(); segment != listing.segments.rend(); ++segment) {
    const auto& tracks = (*segment)->run->tracks;
    const auto found = std::ranges::find(tracks, track.id, &media::Track::id);
    if (!(*segment)->complete || found == tracks.end()) continue;
    const auto& stored = (*segment)->tracks[static_cast<std::size_t>(found - tracks.begin())];
    const auto length = stored.duration().count();
    if (length > 0) return static_cast<double>(stored.frames) * 90'000 / static_cast<double>(length);
  }
  return 0;
}

class Writer {
 public:
  Writer(const Listing& listing, const MasterPlaylistOptions& options)
      : listing_(listing), options_(options), run_(listing.run()) {
    for (const auto i : carried(run_->tracks, options.view, options.container)) {
      switch (run_->tracks[i].content()) {
        case Content::video: video_.push_back(i); break;
        case Content::audio: audio_.push_back(i); break;
        case Content::text: text_.push_back(i); break;
        case Content::data: events_.push_back(i); break;
      }
    }
    separate_ = options.separate_audio || options.container == Container::low_latency || audio_.size() > 1;
  }

  m3u8::MasterPlaylist write() {
    const bool renditions = separate_ && !audio_.empty() && (!video_.empty() || audio_.size() > 1);
    if (renditions) add_renditions(audio_, m3u8::Rendition::Type::audio, kAudioGroup);
    if (!video_.empty()) add_renditions(text_, m3u8::Rendition::Type::subtitles, kTextGroup);
    for (const auto i : video_) {
      Indexes tracks{i};
      if (!separate_) tracks.insert(tracks.end(), audio_.begin(), audio_.end());
      add_variant(std::move(tracks), renditions);
    }
    if (!audio_.empty() && (video_.empty() || options_.audio_only)) add_variant({audio_.front()}, renditions);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string uri(const Indexes& tracks) const {
    return playlist_uri(stream::selector(run_->tracks, tracks), options_.container);
  }
  [[nodiscard]] Rate rate(const Indexes& tracks) const {
    stream::View view;
    for (const auto i : tracks) view.track_ids.push_back(run_->tracks[i].id);
    return rate_of(listing_, view, options_.container);
  }
  /// Of the one that costs most.
  [[nodiscard]] Rate highest_rate(const Indexes& tracks) const {
    Rate out;
    for (const auto i : tracks) {
      const Rate one = rate({i});
      out = {.peak = std::max(out.peak, one.peak), .average = std::max(out.average, one.average)};
    }
    return out;
  }

  void add_renditions(const Indexes& tracks, m3u8::Rendition::Type type, std::string_view group) {
    for (const auto i : tracks) {
      const media::Track& track = run_->tracks[i];
      // Names are unique in a group, and titles need not be.
      const std::string& called = track.title.empty() ? track.language : track.title;
      m3u8::Rendition rendition{.type = type,
                                .group_id = std::string(group),
                                .name = called.empty() ? track.id : called + " " + track.id,
                                .language = track.language,
                                .uri = uri({i}),
                                .autoselect = true};
      if (type == m3u8::Rendition::Type::audio) {
        rendition.is_default = i == tracks.front();
        rendition.channels = track.details.channels;
      }
      out_.renditions.push_back(std::move(rendition));
    }
  }

  /// A variant of these tracks and the events, with the renditions that there are.
  void add_variant(Indexes tracks, bool with_audio) {
    tracks.insert(tracks.end(), events_.begin(), events_.end());
    const media::Track& first = run_->tracks[tracks.front()];
    const bool video = first.content() == Content::video;
    Rate total = rate(tracks);
    Indexes all = tracks;
    const auto add_group = [&](const Indexes& group) {
      const Rate most = highest_rate(group);
      total.peak += most.peak;
      total.average += most.average;
      all.insert(all.end(), group.begin(), group.end());
    };
    m3u8::Variant variant{.uri = uri(tracks)};
    if (with_audio) {
      variant.audio = kAudioGroup;
      if (video) add_group(audio_);
    }
    if (video && !text_.empty()) {
      variant.subtitles = kTextGroup;
      add_group(text_);
    }
    if (video) {
      variant.width = first.details.width;
      variant.height = first.details.height;
      variant.frame_rate = frame_rate(listing_, first);
    }
    variant.bandwidth = std::max<std::uint64_t>(total.peak, 1);
    variant.average_bandwidth = total.average;
    variant.codecs = codecs(all);
    out_.variants.push_back(std::move(variant));
  }

  /// Each once. Nothing where one is not known: a list must be complete.
  [[nodiscard]] std::string codecs(const Indexes& tracks) const {
    std::vector<std::string_view> known;
    for (const auto i : tracks) {
      if (run_->tracks[i].content() == Content::data) continue;  // a player needs no decoder for events
      const std::string_view codec = run_->tracks[i].details.codec_string;
      if (codec.empty()) return {};
      if (std::ranges::find(known, codec) == known.end()) known.push_back(codec);
    }
    return fmt::format("{}", fmt::join(known, ","));
  }

  const Listing& listing_;
  const MasterPlaylistOptions& options_;
  const std::shared_ptr<const stream::Run> run_;
  Indexes video_;
  Indexes audio_;
  Indexes text_;
  Indexes events_;
  bool separate_ = false;
  m3u8::MasterPlaylist out_;
};

}  // namespace

m3u8::MasterPlaylist master_playlist(const Listing& listing, const MasterPlaylistOptions& options) {
  return Writer(listing, options).write();
}

std::string playlist_uri(const std::string& selector, Container container) {
  const std::string_view leaf = container == Container::ts            ? "mono.ts.m3u8"
                                : container == Container::low_latency ? "index.ll.m3u8"
                                                                      : "index.fmp4.m3u8";
  return fmt::format("tracks-{}/{}", selector, leaf);
}

}  // namespace sluice::hls
