#include "protocol/hls/media_playlist.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "format/mp4/init.hpp"
#include "protocol/hls/listed_parts.hpp"
#include "protocol/hls/master_playlist.hpp"
#include "protocol/hls/selection.hpp"

namespace sluice::hls {
namespace {

using media::Content;
using stream::Listing;
using stream::Segment;
using Indexes = std::vector<std::uint32_t>;

/// Parts are listed as far back as this many target durations, RFC 8216bis section 4.4.4.9.
constexpr int kPartTargets = 3;
/// The Skip Boundary in target durations, section 4.4.3.8.
constexpr int kSkipTargets = 6;
/// PART-HOLD-BACK in part target durations, section 4.4.3.8.
constexpr int kPartHoldBack = 3;

/// The one track whose parts a playlist lists, if it is one of parts. Parts of several tracks do not lie together.
std::optional<std::uint32_t> track_of_parts(const Segment& segment, const Indexes& tracks, Container container) {
  const bool parts = container == Container::low_latency && tracks.size() == 1;
  if (!parts || is_text(segment.run->tracks[tracks[0]])) return {};
  return tracks[0];
}

/// True where the segment at `index` is final for a playlist of these tracks.
bool is_whole(const Listing& listing, std::size_t index, const Indexes& tracks, Container container) {
  const Segment& segment = *listing.segments[index];
  if (segment.complete) return true;
  // In low latency the next part is not kept waiting for other tracks. Without frames of its own a track has no
  // duration but the whole segment's.
  const bool leader_is_past = index + 1 < listing.segments.size();
  if (container != Container::low_latency || tracks.empty() || !leader_is_past) return false;
  return std::ranges::all_of(tracks, [&](std::uint32_t i) {
    return segment.tracks[i].complete && !segment.tracks[i].parts.empty() && !is_text(segment.run->tracks[i]);
  });
}

m3u8::Duration duration_of(const std::vector<m3u8::Part>& parts) {
  m3u8::Duration sum{};
  for (const m3u8::Part& part : parts) sum += part.duration;
  return sum;
}

class Writer {
 public:
  Writer(const Listing& listing, const MediaPlaylistOptions& options)
      : listing_(listing),
        options_(options),
        low_latency_(options.container == Container::low_latency),
        edge_(edge_of(listing, options.tracks, options.container)) {}

  m3u8::MediaPlaylist write() {
    out_.target_duration = static_cast<std::uint32_t>(listing_.target_duration.count());
    out_.ended = listing_.ended;
    out_.independent_segments = true;
    for (std::size_t i = listing_.first_listed; i < edge_.whole_end; ++i) add_whole(i);
    if (low_latency_) finish_low_latency();
    return std::move(out_);
  }

 private:
  /// The tracks in the run of a segment, and its init.
  void enter(const Segment& segment) {
    if (segment.run == run_) return;
    run_ = segment.run;
    tracks_ = options_.tracks.select(run_->tracks);
    map_uri_.clear();
    if (options_.container == Container::ts || tracks_.empty() || is_text(run_->tracks[tracks_[0]])) return;
    map_uri_ = fmt::format("{}init-{:016x}.mp4", options_.base, init_hash(init_segment(*run_, tracks_)));
  }

  /// What there is of a segment while it grows: its tags and parts.
  m3u8::Segment begun(std::size_t index) {
    const Segment& segment = *listing_.segments[index];
    enter(segment);
    const bool tagged = segment.begins_run && segment.run->discontinuity > 0;
    if (out_.segments.empty()) {
      out_.media_sequence = segment.number;
      // Its own EXT-X-DISCONTINUITY stays with a segment for as long as it is listed, and counts once it is gone.
      out_.discontinuity_sequence = segment.run->discontinuity - (tagged ? 1 : 0);
    }
    m3u8::Segment out{.program_date_time = segment.utc, .discontinuity = tagged, .map_uri = map_uri_};
    const auto track = track_of_parts(segment, tracks_, options_.container);
    if (!track || !edge_.has_parts) return out;
    for (const ListedPart& part : listed_parts(listing_, index, *track)) {
      if (out.parts.empty() && part.stored != nullptr) *out.program_date_time += to_us(part.stored->dts - segment.dts);
      out.parts.push_back(to_part(part));
    }
    return out;
  }

  [[nodiscard]] m3u8::Part to_part(const ListedPart& part) const {
    if (part.stored == nullptr)
      return {.uri = options_.base + "gap.m4s", .duration = to_us(part.duration), .gap = true};
    return {.uri = part_uri({run_->discontinuity, part.stored->sequence}),
            .duration = to_us(part.duration),
            .independent = part.stored->independent};
  }

  [[nodiscard]] std::string part_uri(NextPart part) const {
    return fmt::format("{}part-{}-{}.m4s", options_.base, part.discontinuity, part.sequence);
  }

  void add_whole(std::size_t index) {
    const Segment& segment = *listing_.segments[index];
    m3u8::Segment out = begun(index);
    const bool text = !tracks_.empty() && is_text(run_->tracks[tracks_[0]]);
    const bool empty = std::ranges::all_of(tracks_, [&](std::uint32_t i) { return segment.tracks[i].parts.empty(); });
    out.gap = tracks_.empty() || (empty && !text);
    out.uri = options_.base + name(segment, text);
    // Without parts, segments are as long in all playlists, as their names say.
    out.duration = out.parts.empty() ? to_us(segment.duration) : duration_of(out.parts);
    for (const auto i : tracks_) {
      const bool video = run_->tracks[i].content() == Content::video;
      if (video && segment.tracks[i].dependent) out_.independent_segments = false;
    }
    out_.segments.push_back(std::move(out));
  }

  [[nodiscard]] std::string name(const Segment& segment, bool text) const {
    if (low_latency_) return fmt::format("segment-{}{}", segment.number, text ? ".vtt" : ".m4s");
    const bool ts = options_.container == Container::ts;
    return segment.name() + (text ? ts ? ".ts.vtt" : ".vtt" : ts ? ".ts" : ".m4s");
  }

  void finish_low_latency() {
    const auto target = std::chrono::duration_cast<m3u8::Duration>(listing_.target_duration);
    const auto part_target = to_us(listing_.part_target);
    out_.server_control = m3u8::ServerControl{.can_block_reload = true,
                                              .can_skip_until = kSkipTargets * target,
                                              .part_hold_back = kPartHoldBack * part_target};
    if (edge_.has_parts) {
      out_.part_target = part_target;
      if (edge_.parts > 0) out_.open = begun(edge_.whole_end);
      drop_old_parts(kPartTargets * target);
      if (const auto next = next_part(listing_, options_.tracks); next && !out_.ended) {
        out_.preload_hints.push_back({.uri = part_uri(*next)});
      }
    }
    if (!out_.ended) report_renditions();
  }

  void drop_old_parts(m3u8::Duration boundary) {
    m3u8::Duration behind = out_.open ? duration_of(out_.open->parts) : m3u8::Duration();
    for (auto segment = out_.segments.rbegin(); segment != out_.segments.rend(); ++segment) {
      if (behind > boundary) segment->parts.clear();
      behind += segment->duration;
    }
  }

  void report_renditions() {
    for (const std::string& id : options_.reported.track_ids) {
      if (options_.tracks.track_ids == std::vector{id}) continue;
      const Edge edge = edge_of(listing_, stream::View{.track_ids = {id}}, Container::low_latency);
      m3u8::RenditionReport report{.uri = "../" + playlist_uri(id, Container::low_latency),
                                   .last_msn = edge.parts > 0 ? edge.next : edge.next - 1};
      const auto parts = edge.parts > 0 ? edge.parts : edge.last_parts;
      if (edge.has_parts && parts > 0) report.last_part = parts - 1;
      out_.rendition_reports.push_back(std::move(report));
    }
  }

  const Listing& listing_;
  const MediaPlaylistOptions& options_;
  const bool low_latency_;
  const Edge edge_;
  // of the run of the segment that is being written
  std::shared_ptr<const stream::Run> run_;
  Indexes tracks_;
  std::string map_uri_;
  m3u8::MediaPlaylist out_;
};

}  // namespace

m3u8::MediaPlaylist media_playlist(const Listing& listing, const MediaPlaylistOptions& options) {
  return Writer(listing, options).write();
}

bool can_begin(const Listing& listing) {
  return listing.target_duration > std::chrono::seconds(0) && listing.first_listed < listing.segments.size() &&
         listing.segments[listing.first_listed]->complete;
}

Edge edge_of(const Listing& listing, const stream::View& tracks, Container container) {
  Edge edge{.whole_end = listing.first_listed};
  for (std::size_t i = listing.first_listed; i < listing.segments.size(); ++i) {
    const Segment& segment = *listing.segments[i];
    const Indexes indexes = tracks.select(segment.run->tracks);
    const auto track = track_of_parts(segment, indexes, container);
    const auto parts = track ? static_cast<std::uint32_t>(listed_parts(listing, i, *track).size()) : 0;
    edge.has_parts = track && listing.part_target > Ticks(0);
    edge.next = segment.number;
    edge.parts = parts;
    if (!is_whole(listing, i, indexes, container)) return edge;
    edge.whole_end = i + 1;
    edge.next = segment.number + 1;
    edge.last_parts = parts;
    edge.parts = 0;
  }
  return edge;
}

std::optional<NextPart> next_part(const Listing& listing, const stream::View& track) {
  const auto run = listing.run();
  const Indexes indexes = run == nullptr ? Indexes() : track.select(run->tracks);
  if (indexes.size() != 1 || is_text(run->tracks[indexes[0]])) return {};
  // The store counts the parts of a track by its place, from run to run.
  const auto last = std::ranges::find_if(listing.segments.rbegin(), listing.segments.rend(), [&](const auto& segment) {
    return indexes[0] < segment->tracks.size() && !segment->tracks[indexes[0]].parts.empty();
  });
  if (last == listing.segments.rend()) return {};
  return NextPart{run->discontinuity, (*last)->tracks[indexes[0]].parts.back().sequence + 1};
}

Bytes init_segment(const stream::Run& run, std::span<const std::uint32_t> tracks) {
  std::vector<mp4::InitTrack> out;
  for (const auto i : tracks) out.push_back({.track_id = i + 1, .track = run.tracks[i]});
  return mp4::write_init(out);
}

std::uint64_t init_hash(BytesView init) { return XXH3_64bits(init.data(), init.size()); }

}  // namespace sluice::hls
