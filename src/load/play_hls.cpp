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
#include "load/playlist_follower.hpp"
#include "load/probe.hpp"
#include "load/segment_cursor.hpp"

namespace sluice::load {
namespace {

constexpr std::chrono::hours kSlowLimit{24 * 365};

/// One playlist of a viewer: two tasks, of which one reloads it and the other downloads what it lists.
class Rendition {
 public:
  struct Options {
    std::string path;
    bool leads = true;  ///< stalls are judged by this one
  };
  Rendition(Viewer& viewer, m3u8::PresentationChecker& checker, Options options)
      : viewer_(viewer),
        leads_(options.leads),
        follower_(viewer, checker, {.path = std::move(options.path)}),
        media_(viewer),
        cursor_(viewer.options().behaviour == Behaviour::slow ? std::optional<std::size_t>(viewer.options().index)
                                                              : std::nullopt),
        probe_(viewer),
        recording_(leads_ ? viewer.options().record : std::string()) {}

  /// Plays until the stream ends or too much fails. `first`: the playlist, where it has been loaded already.
  Task<Result<void>> play(std::optional<HttpClient::Answer> first) {
    if (first) follower_.take(*first);
    scope_.spawn(follower_.reload());
    for (;;) {
      const auto* list = follower_.playlist();
      auto item = list ? cursor_.next(*list) : std::nullopt;
      if (!item && list) item = cursor_.hint(*list);
      if (item) {
        if (auto ok = co_await download(*item); !ok) co_return ok;
      } else if (follower_.over()) {
        co_return fail(*follower_.over());
      } else {
        co_await follower_.news().wait();
      }
    }
  }

 private:
  Task<Result<void>> download(const SegmentCursor::Item& item) {
    if (!item.gap && !item.fetched) {
      if (auto ok = co_await fetch(item); !ok) co_return ok;
    }
    // What was fetched by its hint has no duration before it is listed.
    if (leads_ && item.duration > m3u8::Duration(0)) viewer_.on_media(item.duration, Shard::current().now());
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
    auto path = local_path(*viewer_.options().target, follower_.path(), uri);
    if (!path) co_return fail(Errc::bad_playlist);
    for (unsigned failures = 0;;) {
      auto answer = co_await media_.get(*path, keep, ordinary ? std::chrono::nanoseconds(kMediaLimit) : kSlowLimit);
      if (answer || !ordinary || ++failures == kMostFailures) co_return answer;
      co_await sleep_for(kRetry);
    }
  }

  // borrowed (outlives this)
  Viewer& viewer_;
  // owned
  const bool leads_;
  PlaylistFollower follower_;
  HttpClient media_;
  SegmentCursor cursor_;
  SegmentProbe probe_;
  Recording recording_;
  // state
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
