#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/shard.hpp"
#include "format/m3u8/presentation_checker.hpp"
#include "format/m3u8/reader.hpp"
#include "load/errc.hpp"
#include "load/http_client.hpp"
#include "load/player.hpp"
#include "load/probe.hpp"
#include "load/segment_cursor.hpp"

namespace sluice::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPlaylistLimit{10};  // beside three target durations, for which the server may hold it back
constexpr seconds kMediaLimit{30};
constexpr std::chrono::hours kSlowLimit{24 * 365};
// So often in a row may a request fail before the viewer gives up, and so long it waits in between.
constexpr unsigned kMostFailures = 3;
constexpr seconds kRetry{1};
// A blocking reload that came back at once and with nothing new must not become a busy loop.
constexpr milliseconds kLeastPace{50};

/// The path of a URI on the target's own server; nothing where it leads elsewhere.
std::optional<std::string> local_path(const Target& target, std::string_view base, std::string_view reference) {
  std::string uri = m3u8::resolve_uri(base, reference);
  if (uri.starts_with('/') && !uri.starts_with("//")) return uri;
  for (const auto& origin :
       {fmt::format("http://{}:{}/", target.host, target.port), fmt::format("http://{}/", target.host)}) {
    if (uri.starts_with(origin)) return uri.substr(origin.size() - 1);
  }
  return {};
}

/// One playlist of a viewer: two tasks, of which one reloads it and the other downloads what it lists.
class Rendition {
 public:
  struct Options {
    std::string path;
    bool leads = true;  ///< stalls are judged by this one
  };
  Rendition(Viewer& viewer, m3u8::PresentationChecker& checker, Options options)
      : viewer_(viewer),
        checker_(checker),
        options_(std::move(options)),
        playlists_(viewer),
        media_(viewer),
        cursor_(viewer.options().behaviour == Behaviour::slow ? std::optional<std::size_t>(viewer.options().index)
                                                              : std::nullopt),
        probe_(viewer),
        recording_(options_.leads ? viewer.options().record : std::string()) {}

  /// Plays until the stream ends or too much fails. `first`: the playlist, where it has been loaded already.
  Task<Result<void>> play(std::optional<HttpClient::Answer> first) {
    if (first) take(*first, {});
    scope_.spawn(reload());
    for (;;) {
      const auto* list = playlist();
      auto item = list ? cursor_.next(*list) : std::nullopt;
      if (!item && list) item = cursor_.hint(*list);
      if (item) {
        if (auto ok = co_await download(*item); !ok) co_return ok;
      } else if (over_) {
        co_return fail(*over_);
      } else {
        co_await news_.wait();
      }
    }
  }

 private:
  /// What a request for the playlist asks beside it: RFC 8216bis section 6.2.5.
  struct Directives {
    std::optional<std::uint64_t> msn;
    std::optional<std::uint64_t> part;
    bool skip = false;
  };

  [[nodiscard]] const m3u8::MediaPlaylist* playlist() const {
    const auto* one = checker_.checker(options_.path.substr(0, options_.path.find('?')));
    return one ? one->playlist() : nullptr;
  }

  [[nodiscard]] Directives directives(bool skip) const {
    const auto* list = playlist();
    if (!list || !list->server_control) return {};
    Directives ask{.skip = skip && list->server_control->can_skip_until > m3u8::Duration(0)};
    if (!list->server_control->can_block_reload) return ask;
    ask.msn = list->media_sequence + list->segments.size();
    if (list->part_target > m3u8::Duration(0)) ask.part = list->open ? list->open->parts.size() : 0;
    return ask;
  }

  [[nodiscard]] std::string path_with(const Directives& ask) const {
    std::string path = options_.path;
    char join = path.find('?') == std::string::npos ? '?' : '&';
    const auto add = [&](std::string_view name, const auto& value) {
      path += fmt::format("{}{}={}", std::exchange(join, '&'), name, value);
    };
    if (ask.msn) add("_HLS_msn", *ask.msn);
    if (ask.part) add("_HLS_part", *ask.part);
    if (ask.skip) add("_HLS_skip", "YES");
    return path;
  }

  void take(const HttpClient::Answer& answer, const Directives& ask) {
    viewer_.on_violations(checker_.on_answer(options_.path, {.requested = answer.requested,
                                                             .answered = answer.answered,
                                                             .msn = ask.msn,
                                                             .part = ask.part,
                                                             .skip = ask.skip,
                                                             .status = static_cast<int>(answer.status),
                                                             .text = as_text(answer.body)}));
    news_.notify_all();
  }

  [[nodiscard]] std::optional<m3u8::Edge> edge() const {
    const auto* list = playlist();
    return list ? m3u8::edge_of(*list) : std::nullopt;
  }

  Task<void> reload() {
    unsigned failures = 0;
    bool changed = true;
    for (;;) {
      if (const auto* list = playlist()) {
        if (list->ended) break;
        const bool blocks = list->server_control && list->server_control->can_block_reload;
        const auto target = seconds(list->target_duration);
        // Section 6.3.4: a target duration after the last reload, half of it where that had nothing new.
        if (!blocks) co_await sleep_for(changed ? milliseconds(target) : milliseconds(target) / 2);
        if (blocks && !changed) co_await sleep_for(kLeastPace);
      }
      const auto before = edge();
      const auto ask = directives(changed);
      const auto* list = playlist();
      const auto limit = kPlaylistLimit + 3 * seconds(list ? list->target_duration : 0);
      auto answer = co_await playlists_.get(path_with(ask), HttpClient::Keep::all, limit);
      if (answer) take(*answer, ask);
      if (!answer || answer->status != 200) {
        if (++failures < kMostFailures) {
          co_await sleep_for(kRetry);
          continue;
        }
        over_ = answer ? std::error_code(Errc::bad_status) : answer.error();
        break;
      }
      failures = 0;
      changed = edge() != before;
    }
    if (!over_) over_ = Errc::ended;
    news_.notify_all();
  }

  Task<Result<void>> download(const SegmentCursor::Item& item) {
    if (!item.gap && !item.fetched) {
      if (auto ok = co_await fetch(item); !ok) co_return ok;
    }
    // What was fetched by its hint has no duration before it is listed.
    if (options_.leads && item.duration > m3u8::Duration(0)) viewer_.on_media(item.duration, Shard::current().now());
    co_return Result<void>();
  }

  Task<Result<void>> fetch(const SegmentCursor::Item& item) {
    if (viewer_.wants_frames() && item.map_uri != map_uri_) {
      const auto map = co_await get(item.map_uri, HttpClient::Keep::all);
      if (!map) co_return fail(map.error());
      if (map->status == 200) {
        recording_.write(map->body);
        if (auto ok = probe_.init(map->body); !ok) co_return ok;
        map_uri_ = item.map_uri;
      }
    }
    const bool keep = viewer_.wants_frames();
    const auto media = co_await get(item.uri, keep ? HttpClient::Keep::all : HttpClient::Keep::nothing);
    if (!media) co_return fail(media.error());
    if (media->status != 200 || !keep) co_return Result<void>();
    recording_.write(media->body);
    co_return probe_.segment(media->body);
  }

  Task<Result<HttpClient::Answer>> get(std::string_view uri, HttpClient::Keep keep) {
    const bool ordinary = viewer_.options().behaviour == Behaviour::ordinary;
    auto path = local_path(*viewer_.options().target, options_.path, uri);
    if (!path) co_return fail(Errc::bad_playlist);
    for (unsigned failures = 0;;) {
      auto answer = co_await media_.get(*path, keep, ordinary ? std::chrono::nanoseconds(kMediaLimit) : kSlowLimit);
      if (answer || !ordinary || ++failures == kMostFailures) co_return answer;
      co_await sleep_for(kRetry);
    }
  }

  // borrowed (outlive this)
  Viewer& viewer_;
  m3u8::PresentationChecker& checker_;
  // owned
  const Options options_;
  HttpClient playlists_;
  HttpClient media_;
  SegmentCursor cursor_;
  SegmentProbe probe_;
  Recording recording_;
  // state
  Event news_;  ///< the playlist has changed, or is over
  std::optional<std::error_code> over_;
  std::string map_uri_;
  TaskScope scope_;  // last: its task uses all of the above
};

/// What a Multivariant Playlist leads to: its first variant, and the audio that goes with it.
struct Choice {
  std::string video;
  std::optional<std::string> audio;
};
Result<Choice> choose(const Target& target, std::string_view text) {
  const auto master = m3u8::read_master(text);
  if (!master) return fail(master.error());
  if (master->variants.empty()) return fail(Errc::bad_playlist);
  const auto& variant = master->variants.front();
  auto video = local_path(target, target.path, variant.uri);
  if (!video) return fail(Errc::bad_playlist);
  Choice choice{.video = std::move(*video)};
  const m3u8::Rendition* audio = nullptr;
  for (const auto& rendition : master->renditions) {
    if (rendition.type != m3u8::Rendition::Type::audio || rendition.group_id != variant.audio) continue;
    if (audio == nullptr || (rendition.is_default && !audio->is_default)) audio = &rendition;
  }
  if (audio != nullptr && !audio->uri.empty()) choice.audio = local_path(target, target.path, audio->uri);
  return choice;
}

Task<void> play_beside(Rendition& rendition) { co_await rendition.play({}); }

}  // namespace

Task<Result<void>> play_hls(Viewer& viewer) {
  const Target& target = *viewer.options().target;
  HttpClient client(viewer);
  auto answer = co_await client.get(target.path, HttpClient::Keep::all, kPlaylistLimit);
  if (!answer) co_return fail(answer.error());
  if (answer->status != 200) co_return fail(Errc::bad_status);

  Choice choice{.video = target.path};
  const Bytes top = answer->body;
  const bool master = m3u8::is_master(as_text(top));
  if (master) {
    auto chosen = choose(target, as_text(top));
    if (!chosen) co_return fail(chosen.error());
    choice = std::move(*chosen);
    answer = co_await client.get(choice.video, HttpClient::Keep::all, kPlaylistLimit);
    if (!answer) co_return fail(answer.error());
    if (answer->status != 200) co_return fail(Errc::bad_status);
  }

  const bool low_latency = as_text(answer->body).find("#EXT-X-PART-INF:") != std::string_view::npos;
  m3u8::PresentationChecker checker({.low_latency = low_latency});
  if (master) viewer.on_violations(checker.on_master(target.path, as_text(top)));
  Rendition main(viewer, checker, {.path = choice.video});
  std::optional<Rendition> audio;
  TaskScope scope;
  if (choice.audio) {
    audio.emplace(viewer, checker, Rendition::Options{.path = *choice.audio, .leads = false});
    scope.spawn(play_beside(*audio));
  }
  co_return co_await main.play(std::move(*answer));
}

}  // namespace sluice::load
