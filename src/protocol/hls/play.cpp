#include "protocol/hls/play.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/hls/address.hpp"
#include "protocol/hls/directives.hpp"
#include "protocol/hls/master_playlist.hpp"
#include "protocol/hls/media_playlist.hpp"
#include "protocol/hls/pieces.hpp"
#include "protocol/hls/playlist_cache.hpp"
#include "protocol/hls/selection.hpp"
#include "protocol/start_timeout.hpp"
#include "stream/errc.hpp"

namespace sluice::hls {
namespace {

using net::HttpResponse;
using std::chrono::seconds;
using stream::Listing;
using stream::Segment;
using Indexes = std::vector<std::uint32_t>;

/// A blocking reload and a hinted part wait for so many target durations, RFC 8216bis section 6.2.5.2.
constexpr int kBlockTargets = 3;

constexpr std::string_view kForEver = "public, max-age=31536000, immutable";
/// Nobody asks for a part when its segment is old.
constexpr std::string_view kForAWhile = "public, max-age=300";

HttpResponse not_found() { return HttpResponse::text(404, "there is no such part of the stream\n"); }

/// One request of a viewer.
class Request {
 public:
  Request(protocol::HttpPlay play, Address address)
      : play_(std::move(play)), address_(std::move(address)), window_(play_.media->window()) {}

  Task<HttpResponse> answer() {
    filter_ = play_.view();
    if (!filter_) co_return HttpResponse::text(400, "filter.tracks names no tracks\n");
    view_ = address_.tracks.value_or(*filter_);
    HttpResponse response = co_await std::visit([this](const auto& what) { return serve(what); }, address_.what);
    if (play_.request.method != "HEAD") {
      play_.session->bytes += response.body.size();
      play_.media->count_sent(response.body.size());
    }
    co_return response;
  }

 private:
  // --- playlists --------------------------------------------------------------------------------------------------

  Task<HttpResponse> serve(PlaylistAddress what) {
    const auto directives = Directives::parse(play_.request);
    if (!directives) co_return HttpResponse::text(400, "_HLS_msn or _HLS_part is not what it should be\n");
    auto listing = co_await started();
    if (listing == nullptr) co_return protocol::refusal(stream::Errc::not_running);
    if (what.kind == PlaylistAddress::Kind::master && !address_.tracks) co_return master(*listing, what.container);

    MediaPlaylistOptions options{.container = resolve(what.container, listing->run()->tracks, view_)};
    options.tracks = tracks_of(*listing, options.container, rule(what));
    if (options.tracks.track_ids.empty()) co_return protocol::refusal(stream::Errc::no_track);
    bool waited = false;
    if (options.container == Container::low_latency) {
      options.reported = view_of(*listing->run(), carried(listing->run()->tracks, *filter_, options.container));
      const auto before = listing->generation;
      if (auto refused = co_await block(*directives, options.tracks, listing)) co_return std::move(*refused);
      waited = listing->generation != before;
    }
    HttpResponse response = media(*listing, options, directives->skip);
    if (waited) {
      // What it waited for is in its URL: section 6.2.5 leaves such an answer in caches.
      response.kind.cache_control = {};
      response.headers += fmt::format("Cache-Control: max-age={}\r\n", 6 * listing->target_duration.count());
    }
    co_return response;
  }

  /// The listing once it has something to list; null when that does not come, at once where nobody would bring it.
  Task<std::shared_ptr<const Listing>> started() {
    const auto deadline = Shard::current().now() + protocol::kStartTimeout;
    auto listing = co_await window_->listing();
    while (!can_begin(*listing)) {
      const bool may_come = listing->has_source && !listing->ended;
      if (!may_come || !co_await window_->changed(listing->generation, deadline)) co_return nullptr;
      listing = co_await window_->listing();
    }
    co_return listing;
  }

  [[nodiscard]] Together rule(PlaylistAddress what) const {
    if (address_.tracks) return Together::as_named;
    return what.kind == PlaylistAddress::Kind::muxed ? Together::all_audio : Together::one_each;
  }

  static stream::View view_of(const stream::Run& run, const Indexes& tracks) {
    stream::View out;
    for (const auto i : tracks) out.track_ids.push_back(run.tracks[i].id);
    return out;
  }

  /// Of the newest run that has any of them.
  [[nodiscard]] stream::View tracks_of(const Listing& listing, Container container, Together rule) const {
    for (auto segment = listing.segments.rbegin(); segment != listing.segments.rend(); ++segment) {
      const auto& run = *(*segment)->run;
      if (auto found = together(run.tracks, view_, container, rule); !found.empty()) return view_of(run, found);
    }
    return {};
  }

  /// Waits until the playlist has what was asked for. A response: it will not, or may not be asked for.
  Task<std::optional<HttpResponse>> block(const Directives& directives, const stream::View& tracks,
                                          std::shared_ptr<const Listing>& listing) {
    const auto deadline = Shard::current().now() + kBlockTargets * listing->target_duration;
    while (!listing->ended) {
      switch (reload(directives, edge_of(*listing, tracks, Container::low_latency), listing->part_target)) {
        case Reload::answer: co_return std::nullopt;
        case Reload::refuse: co_return HttpResponse::text(400, "_HLS_msn or _HLS_part is too far in the future\n");
        case Reload::wait: break;
      }
      if (!co_await window_->changed(listing->generation, deadline)) {
        if (Shard::current().now() < deadline) co_return protocol::refusal(stream::Errc::gone);
        co_return HttpResponse::text(503, "the stream does not go on\n");
      }
      listing = co_await window_->listing();
      if (!can_begin(*listing)) co_return protocol::refusal(stream::Errc::gone);
    }
    co_return std::nullopt;
  }

  HttpResponse master(const Listing& listing, Container container) {
    const bool separate = play_.request.query_value("separate_audio") == "true";
    const auto key = fmt::format("M{}{}:{}", static_cast<int>(container), separate, fmt::join(view_.track_ids, ""));
    const Stamp stamp = stamp_of_segments(listing);
    auto shared = cache().find(key, stamp);
    if (shared == nullptr) {
      const auto& tracks = listing.run()->tracks;
      const auto playlist = master_playlist(listing, {.container = resolve(container, tracks, view_),
                                                      .view = view_,
                                                      .separate_audio = separate,
                                                      .audio_only = play_.media->config().add_audio_only});
      if (playlist.variants.empty()) return protocol::refusal(stream::Errc::no_track);
      shared = cache().put(key, stamp, m3u8::write(playlist));
    }
    return playlist_response(std::move(shared), play_.request);
  }

  HttpResponse media(const Listing& listing, MediaPlaylistOptions& options, bool skip) {
    const bool low_latency = options.container == Container::low_latency;
    const bool delta = low_latency && skip;
    const std::string selector = fmt::format("{}", fmt::join(options.tracks.track_ids, ""));
    const auto key = fmt::format("m{}{}{}:{}:{}", static_cast<int>(options.container), address_.tracks.has_value(),
                                 delta, selector, fmt::join(options.reported.track_ids, ""));
    const Stamp stamp = low_latency ? Stamp{listing.generation, ~std::uint64_t{0}} : stamp_of_segments(listing);
    auto shared = cache().find(key, stamp);
    if (shared == nullptr) {
      options.base = base(selector);
      const auto playlist = media_playlist(listing, options);
      shared = cache().put(key, stamp, delta ? m3u8::write_delta(playlist) : m3u8::write(playlist));
    }
    return playlist_response(std::move(shared), play_.request);
  }

  /// What stands before the names of segments.
  [[nodiscard]] std::string base(const std::string& selector) const {
    std::string_view prefix = play_.media->config().url_prefix;
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (!prefix.empty()) return fmt::format("{}/{}/tracks-{}/", prefix, play_.name, selector);
    return address_.tracks ? std::string() : fmt::format("tracks-{}/", selector);
  }

  /// Without parts, a playlist changes when a segment becomes complete.
  static Stamp stamp_of_segments(const Listing& listing) {
    const auto last = std::ranges::find_if(listing.segments.rbegin(), listing.segments.rend(), &Segment::complete);
    return {.a = (*last)->number, .b = listing.run()->discontinuity * 2 + (listing.ended ? 1 : 0)};
  }

  PlaylistCache& cache() {
    auto& slot = play_.media->attachment("hls");
    if (slot == nullptr) slot = std::make_shared<PlaylistCache>();
    return *static_cast<PlaylistCache*>(slot.get());
  }

  // --- media ------------------------------------------------------------------------------------------------------

  Task<HttpResponse> serve(SegmentAddress what) {
    const auto listing = co_await window_->listing();
    const auto found = std::ranges::find_if(listing->segments, [&](const auto& segment) {
      return segment->complete && segment->name_ms == what.name_ms &&
             std::chrono::floor<seconds>(segment->utc) == what.second;
    });
    if (found == listing->segments.end()) co_return not_found();
    co_return co_await whole(*found, what.container, what.text);
  }

  Task<HttpResponse> serve(NumberAddress what) {
    const auto listing = co_await window_->listing();
    const auto found = std::ranges::find(listing->segments, what.number, &Segment::number);
    if (found == listing->segments.end()) co_return not_found();
    co_return co_await whole(*found, Container::low_latency, what.text);
  }

  /// The tracks of a segment, once they are complete.
  Task<HttpResponse> whole(std::shared_ptr<const Segment> segment, Container container, bool text) {
    const auto& tracks = segment->run->tracks;
    const auto rule = address_.tracks ? Together::as_named : Together::one_each;
    const Indexes indexes = together(tracks, view_, container, rule);
    const bool complete =
        std::ranges::all_of(indexes, [&](std::uint32_t i) { return segment->tracks[i].complete || segment->complete; });
    if (indexes.empty() || !complete || is_text(tracks[indexes[0]]) != text) co_return not_found();

    HttpResponse response{.kind = answer_kind(tracks, indexes, container, text)};
    const std::string selector = stream::selector(tracks, indexes);
    response.etag = fmt::format("\"{}-{}\"", segment->number, selector);
    if (text || container == Container::ts) {
      const bool ts = container == Container::ts;
      const auto make = !text ? make_ts : ts ? make_vtt_for_ts : make_vtt_for_cmaf;
      const auto key = fmt::format("{}:{}", !text ? "ts" : ts ? "ts.vtt" : "vtt", selector);
      auto body = co_await window_->piece(segment, key, indexes, make);
      if (!body) co_return HttpResponse::text(500, body.error().message() + "\n");
      response.body = std::move(*body);
    } else {
      response.body = segment->body(indexes);
    }
    if (response.body.size() == 0) co_return not_found();
    co_return response;
  }

  /// A part. One that is the next to come is waited for: it was hinted.
  Task<HttpResponse> serve(PartAddress what) {
    auto listing = co_await window_->listing();
    const auto deadline = Shard::current().now() + kBlockTargets * listing->target_duration;
    for (;;) {
      if (auto found = find_part(*listing, what)) co_return std::move(*found);
      const auto next = address_.tracks ? next_part(*listing, view_) : std::nullopt;
      const bool hinted = next && next->discontinuity == what.discontinuity && next->sequence == what.sequence;
      if (!hinted || listing->ended || !co_await window_->changed(listing->generation, deadline)) co_return not_found();
      listing = co_await window_->listing();
    }
  }

  [[nodiscard]] std::optional<HttpResponse> find_part(const Listing& listing, PartAddress what) const {
    for (const auto& segment : listing.segments) {
      if (segment->run->discontinuity != what.discontinuity) continue;
      const auto& tracks = segment->run->tracks;
      const Indexes indexes = together(tracks, view_, Container::low_latency, Together::as_named);
      if (indexes.size() != 1) return not_found();
      const auto& parts = segment->tracks[indexes[0]].parts;
      const auto found = std::ranges::find(parts, what.sequence, &stream::Part::sequence);
      if (found == parts.end()) continue;
      HttpResponse response{.kind = answer_kind(tracks, indexes, Container::low_latency, false),
                            .body = segment->part_body(indexes[0], static_cast<std::size_t>(found - parts.begin()))};
      response.kind.cache_control = kForAWhile;
      return response;
    }
    return {};
  }

  Task<HttpResponse> serve(InitAddress what) {
    const auto listing = co_await window_->listing();
    const stream::Run* last = nullptr;
    for (auto segment = listing->segments.rbegin(); segment != listing->segments.rend(); ++segment) {
      const stream::Run& run = *(*segment)->run;
      if (std::exchange(last, &run) == &run) continue;
      const auto rule = address_.tracks ? Together::as_named : Together::one_each;
      const Indexes indexes = together(run.tracks, view_, Container::cmaf, rule);
      if (indexes.empty()) continue;
      Bytes init = init_segment(run, indexes);
      if (init_hash(init) != what.hash) continue;
      HttpResponse response{.kind = answer_kind(run.tracks, indexes, Container::cmaf, false)};
      response.etag = fmt::format("\"{:016x}\"", what.hash);
      response.body = Body::of(std::move(init));
      co_return response;
    }
    co_return not_found();
  }

  static net::AnswerKind answer_kind(const media::Tracks& tracks, const Indexes& indexes, Container container,
                                     bool text) {
    if (text) return {.content_type = "text/vtt", .cache_control = kForEver};
    if (container == Container::ts) return {.content_type = "video/mp2t", .cache_control = kForEver};
    const bool audio =
        std::ranges::all_of(indexes, [&](std::uint32_t i) { return tracks[i].content() == media::Content::audio; });
    return {.content_type = audio ? "audio/mp4" : "video/mp4", .cache_control = kForEver};
  }

  protocol::HttpPlay play_;
  const Address address_;
  const std::shared_ptr<stream::Window> window_;
  std::optional<stream::View> filter_;  // of the query
  stream::View view_;                   // of the path, else the filter
};

Task<HttpResponse> play(protocol::HttpPlay play) {
  auto address = Address::parse(play.rest);
  if (!address) co_return not_found();
  Request request(std::move(play), std::move(*address));
  co_return co_await request.answer();
}

}  // namespace

const protocol::HttpPlayProtocol kPlay{.proto = "hls", .lasts = false, .match = name_length, .play = play};

}  // namespace sluice::hls
