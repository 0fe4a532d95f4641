#include "protocol/hls/play.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "protocol/hls/address.hpp"
#include "protocol/hls/pieces.hpp"
#include "protocol/hls/playlist_cache.hpp"
#include "protocol/hls/playlists.hpp"
#include "stream/errc.hpp"

namespace sluice::hls {
namespace {

using net::HttpResponse;
using std::chrono::seconds;
using stream::Listing;
using stream::Segment;

constexpr auto kStartTimeout = seconds(8);   // for the first segment of a stream that is starting
constexpr auto kPartTimeout = seconds(5);    // for a part that was hinted

constexpr std::string_view kForEver = "public, max-age=31536000, immutable";
constexpr net::AnswerKind kTs{.content_type = "video/mp2t", .cache_control = kForEver};
constexpr net::AnswerKind kMp4{.content_type = "video/mp4", .cache_control = kForEver};
constexpr net::AnswerKind kAudioMp4{.content_type = "audio/mp4", .cache_control = kForEver};
constexpr net::AnswerKind kVtt{.content_type = "text/vtt", .cache_control = kForEver};

HttpResponse not_found() { return HttpResponse::text(404, "no such segment\n"); }

/// `_HLS_msn`, `_HLS_part` and `_HLS_skip`: RFC 8216bis section 6.2.5.
struct Directives {
  std::optional<std::uint64_t> msn;
  std::optional<std::uint32_t> part;
  bool skip = false;

  /// Nothing for directives that cannot be read, or a part without its segment.
  static std::optional<Directives> read(const net::HttpRequest& request) {
    Directives out;
    if (request.query.find("_HLS_") == std::string_view::npos) return out;
    const auto number = [&](std::string_view name, auto& to) {
      const auto text = request.query_value(name);
      if (!text) return true;
      const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), to.emplace());
      return error == std::errc() && end == text->data() + text->size();
    };
    if (!number("_HLS_msn", out.msn) || !number("_HLS_part", out.part) || (out.part && !out.msn)) return {};
    const auto skip = request.query_value("_HLS_skip");
    if (skip && *skip != "YES" && *skip != "v2") return {};
    out.skip = skip.has_value();
    return out;
  }
};

/// One request of a viewer.
class Request {
 public:
  Request(protocol::HttpPlay play, Address address)
      : play_(std::move(play)), address_(std::move(address)), window_(play_.media->window()) {}

  Task<HttpResponse> answer() {
    auto view = address_.tracks ? address_.tracks : play_.view();
    if (!view) co_return HttpResponse::text(400, "filter.tracks names no tracks\n");
    view_ = std::move(*view);
    HttpResponse response;
    switch (address_.kind) {
      case Address::Kind::master:
      case Address::Kind::media: response = co_await playlist(); break;
      case Address::Kind::segment: response = co_await segment(); break;
      case Address::Kind::part: response = co_await part(); break;
      case Address::Kind::init: response = co_await init(); break;
    }
    play_.session->bytes += response.body.size();
    co_return response;
  }

 private:
  // --- playlists --------------------------------------------------------------------------------------------------

  /// The listing once it has something to list; null when that does not come.
  Task<std::shared_ptr<const Listing>> started() {
    const auto deadline = Shard::current().now() + kStartTimeout;
    auto listing = co_await window_->listing();
    while (listing->run() == nullptr || std::ranges::none_of(listing->segments, &Segment::complete)) {
      if (listing->ended || !co_await window_->changed(listing->generation, deadline)) co_return nullptr;
      listing = co_await window_->listing();
    }
    co_return listing;
  }

  Task<HttpResponse> playlist() {
    const auto directives = Directives::read(play_.request);
    if (!directives) co_return HttpResponse::text(400, "_HLS_msn, _HLS_part or _HLS_skip cannot be meant like this\n");
    auto listing = co_await started();
    if (listing == nullptr) co_return protocol::refusal(stream::Errc::not_running);
    const Container container =
        address_.container != Container::automatic ? address_.container : container_for(chosen(*listing->run()));
    auto tracks = carried(listing->run()->tracks, view_, container);
    if (address_.kind == Address::Kind::media) narrow(listing->run()->tracks, tracks, container);
    if (tracks.empty()) co_return protocol::refusal(stream::Errc::no_track);

    if (directives->msn && container == Container::low_latency && address_.kind == Address::Kind::media) {
      if (auto refused = co_await block(*directives, tracks[0], listing)) co_return std::move(*refused);
    }
    co_return render(*listing, tracks, container, directives->skip);
  }

  [[nodiscard]] media::Tracks chosen(const stream::Run& run) const {
    media::Tracks out;
    for (const auto i : view_.select(run.tracks)) out.push_back(run.tracks[i]);
    return out;
  }

  /// A single playlist holds one track of a kind, but for video.m3u8; with parts, one track.
  void narrow(const media::Tracks& all, std::vector<std::uint32_t>& tracks, Container container) const {
    if (address_.tracks && container != Container::low_latency) return;
    std::vector<std::uint32_t> out;
    const auto has = [&](media::Content content) {
      return std::ranges::any_of(out, [&](std::uint32_t i) { return all[i].content() == content; });
    };
    for (const auto i : tracks) {
      const auto content = all[i].content();
      const bool more_audio = address_.all_audio && content == media::Content::audio;
      const bool text = content == media::Content::text && !address_.tracks;
      if (!text && (!has(content) || more_audio)) out.push_back(i);
    }
    if (container == Container::low_latency && out.size() > 1) out.resize(1);
    tracks = std::move(out);
  }

  /// Waits until the playlist has what was asked for. A response: it will not, or may not be asked for.
  Task<std::optional<HttpResponse>> block(const Directives& directives, std::uint32_t track,
                                          std::shared_ptr<const Listing>& listing) {
    const auto deadline = Shard::current().now() + listing->target_duration * 3;
    for (;;) {
      const auto edge = part_edge(*listing, track);
      if (!edge || listing->ended) co_return std::nullopt;
      if (edge->number > *directives.msn) co_return std::nullopt;
      if (edge->number == *directives.msn && directives.part && edge->parts > *directives.part) co_return std::nullopt;
      // The newest segment in the playlist is edge->number, or the one before it while that has no part.
      const std::uint64_t newest = edge->parts > 0 ? edge->number : edge->number - 1;
      if (*directives.msn > newest + 2) co_return HttpResponse::text(400, "_HLS_msn is too far in the future\n");
      if (!co_await window_->changed(listing->generation, deadline)) {
        co_return HttpResponse::text(503, "the stream does not go on\n");
      }
      listing = co_await window_->listing();
      if (listing->run() == nullptr) co_return protocol::refusal(stream::Errc::not_running);
    }
  }

  HttpResponse render(const Listing& listing, std::span<const std::uint32_t> tracks, Container container, bool skip) {
    const bool master = address_.kind == Address::Kind::master;
    const bool separate = play_.request.query_value("separate_audio") == "true";
    const std::string selected = stream::selector(listing.run()->tracks, tracks);
    const std::string key = fmt::format("{}{}{}{}{}{}", master ? 'M' : 'm', static_cast<int>(container), separate ? 's' : '-',
                                        skip ? 'd' : '-', address_.tracks ? 't' : '-', selected);
    auto rendered = cache().get(listing.generation, key, [&] {
      const std::string up = address_.tracks ? "../" : "";
      PlaylistOptions options{.container = container,
                              .segment_base = up,
                              .playlist_base = up,
                              .separate_audio = separate,
                              .audio_only = play_.media->config().add_audio_only};
      std::string_view prefix = play_.media->config().url_prefix;
      while (prefix.ends_with('/')) prefix.remove_suffix(1);
      if (!prefix.empty()) options.segment_base = fmt::format("{}/{}/", prefix, play_.name);
      if (master) return m3u8::write(master_playlist(listing, tracks, options));
      const auto others = carried(listing.run()->tracks, {}, container);
      const auto playlist = media_playlist(listing, tracks, others, options);
      return skip ? m3u8::write_delta(playlist) : m3u8::write(playlist);
    });
    return playlist_response(std::move(rendered), play_.request);
  }

  PlaylistCache& cache() {
    auto& slot = play_.media->attachment("hls");
    if (slot == nullptr) slot = std::make_shared<PlaylistCache>();
    return *static_cast<PlaylistCache*>(slot.get());
  }

  // --- media ------------------------------------------------------------------------------------------------------

  Task<HttpResponse> segment() {
    const auto listing = co_await window_->listing();
    const bool by_number = address_.container == Container::low_latency;
    const auto found = std::ranges::find_if(listing->segments, [&](const auto& s) {
      return by_number ? s->number == address_.number : s->complete && s->name() == address_.name;
    });
    if (found == listing->segments.end()) co_return not_found();
    const std::shared_ptr<const Segment> segment = *found;
    auto tracks = carried(segment->run->tracks, view_, address_.container);
    if (!address_.tracks) narrow(segment->run->tracks, tracks, address_.container);
    const bool whole = std::ranges::all_of(tracks, [&](std::uint32_t i) { return segment->tracks[i].complete; });
    if (tracks.empty() || !whole) co_return not_found();

    HttpResponse response{.kind = kind_of(*segment->run, tracks)};
    const std::string selected = stream::selector(segment->run->tracks, tracks);
    response.etag = fmt::format("\"{}-{}-{}\"", segment->number, selected, static_cast<int>(address_.container));
    if (address_.container == Container::ts || address_.text) {
      const bool ts = address_.container == Container::ts;
      const auto make = !address_.text ? make_ts : ts ? make_vtt_for_ts : make_vtt_for_cmaf;
      const std::string key = (address_.text ? ts ? "ts.vtt:" : "vtt:" : "ts:") + selected;
      auto body = co_await window_->piece(segment, key, tracks, make);
      if (!body) co_return HttpResponse::text(500, body.error().message() + "\n");
      response.body = std::move(*body);
    } else {
      response.body = segment->body(tracks);
    }
    co_return response;
  }

  /// A part, waiting for one that was hinted.
  Task<HttpResponse> part() {
    const auto deadline = Shard::current().now() + kPartTimeout;
    for (;;) {
      const auto listing = co_await window_->listing();
      if (listing->run() == nullptr || listing->segments.empty()) co_return not_found();
      const auto found = std::ranges::find(listing->segments, address_.number, &Segment::number);
      if (found != listing->segments.end()) {
        const auto tracks = carried((*found)->run->tracks, view_, Container::low_latency);
        if (tracks.size() != 1) co_return not_found();
        const auto& stored = (*found)->tracks[tracks[0]];
        if (address_.part < stored.parts.size()) {
          HttpResponse response{.kind = kind_of(*(*found)->run, tracks), .body = (*found)->part_body(tracks[0], address_.part)};
          response.etag = fmt::format("\"{}.{}-{}\"", address_.number, address_.part, address_.tracks->track_ids[0]);
          co_return response;
        }
        if (stored.complete || address_.part > stored.parts.size()) co_return not_found();
      } else if (address_.number != listing->segments.back()->number + 1 || address_.part != 0) {
        co_return not_found();
      }
      if (!co_await window_->changed(listing->generation, deadline)) co_return not_found();
    }
  }

  Task<HttpResponse> init() {
    const auto listing = co_await window_->listing();
    const stream::Run* last = nullptr;
    for (const auto& segment : listing->segments) {
      if (segment->run.get() == last) continue;
      last = segment->run.get();
      const auto tracks = carried(last->tracks, view_, Container::cmaf);
      if (tracks.empty() || init_hash(*last, tracks) != address_.name) continue;
      HttpResponse response{.kind = kind_of(*last, tracks), .etag = "\"" + address_.name + "\""};
      response.body = Body::of(init_segment(*last, tracks));
      co_return response;
    }
    co_return not_found();
  }

  [[nodiscard]] net::AnswerKind kind_of(const stream::Run& run, std::span<const std::uint32_t> tracks) const {
    if (address_.text) return kVtt;
    if (address_.container == Container::ts) return kTs;
    const bool audio = std::ranges::all_of(tracks, [&](auto i) { return run.tracks[i].content() == media::Content::audio; });
    return audio ? kAudioMp4 : kMp4;
  }

  protocol::HttpPlay play_;
  const Address address_;
  const std::shared_ptr<stream::Window> window_;
  stream::View view_;
};

Task<HttpResponse> play(protocol::HttpPlay play) {
  auto address = parse_address(play.rest);
  if (!address) co_return not_found();
  Request request(std::move(play), std::move(*address));
  co_return co_await request.answer();
}

}  // namespace

const protocol::HttpPlayProtocol kPlay{.proto = "hls", .lasts = false, .match = match, .play = play};

}  // namespace sluice::hls
