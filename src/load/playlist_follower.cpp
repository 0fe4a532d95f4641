#include "load/playlist_follower.hpp"

#include <fmt/format.h>

#include <utility>

#include "format/m3u8/reader.hpp"
#include "load/errc.hpp"

namespace sluice::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A blocking reload that came back at once and with nothing new must not become a busy loop.
constexpr milliseconds kLeastPace{50};
// Every so manieth reload of a follower that tests is an unusual one.
constexpr std::uint64_t kUnusual = 8;
// Segments and parts beyond every limit.
constexpr std::uint64_t kFar = 1000;

bool blocks(const m3u8::MediaPlaylist& list) { return list.server_control && list.server_control->can_block_reload; }

}  // namespace

std::optional<std::string> local_path(const Target& target, std::string_view base, std::string_view reference) {
  std::string uri = m3u8::resolve_uri(base, reference);
  if (uri.starts_with('/') && !uri.starts_with("//")) return uri;
  for (const auto& origin :
       {fmt::format("http://{}:{}/", target.host, target.port), fmt::format("http://{}/", target.host)}) {
    if (uri.starts_with(origin)) return uri.substr(origin.size() - 1);
  }
  return {};
}

const m3u8::MediaPlaylist* PlaylistFollower::playlist() const {
  const auto* one = checker_.checker(options_.path);
  return one ? one->playlist() : nullptr;
}

std::uint64_t PlaylistFollower::answers() const {
  const auto* one = checker_.checker(options_.path);
  return one ? one->reloads() : 0;
}

std::optional<m3u8::Edge> PlaylistFollower::edge() const {
  const auto* list = playlist();
  return list ? m3u8::edge_of(*list) : std::nullopt;
}

PlaylistFollower::Directives PlaylistFollower::next_part(bool skip) const {
  const auto* list = playlist();
  if (!list || !list->server_control) return {};
  if (options_.tests && blocks(*list) && reloads_ % kUnusual == kUnusual - 1) return unusual(*list);
  Directives ask{.skip = skip && list->server_control->can_skip_until > m3u8::Duration(0)};
  if (!blocks(*list)) return ask;
  ask.msn = list->media_sequence + list->segments.size();
  if (list->part_target > m3u8::Duration(0)) ask.part = list->open ? list->open->parts.size() : 0;
  return ask;
}

/// One by one: what must be refused, what must be answered at once, and what waits for something else than a part.
PlaylistFollower::Directives PlaylistFollower::unusual(const m3u8::MediaPlaylist& list) const {
  const std::uint64_t first = list.media_sequence;
  const std::uint64_t next = first + list.segments.size();
  switch (reloads_ / kUnusual % 7) {
    case 0: return {.msn = {}, .part = 0, .to_be_refused = true};
    case 1: return {.msn = next + kFar, .to_be_refused = true};
    case 2: return {.msn = next, .part = kFar, .to_be_refused = true};
    case 3: return {.msn = first, .skip = true};
    case 4: return {.msn = first - std::min<std::uint64_t>(first, 1), .part = 0};
    case 5: return {.msn = next - std::min<std::uint64_t>(next, 1), .part = kFar};  // for part 0 of the next
    default: return {.msn = next, .skip = true};
  }
}

std::string PlaylistFollower::path_with(const Directives& ask) const {
  std::string path = options_.path;
  char join = path.contains('?') ? '&' : '?';
  const auto add = [&](std::string_view name, const auto& value) {
    path += fmt::format("{}{}={}", std::exchange(join, '&'), name, value);
  };
  if (ask.msn) add("_HLS_msn", *ask.msn);
  if (ask.part) add("_HLS_part", *ask.part);
  if (ask.skip) add("_HLS_skip", "YES");
  return path;
}

void PlaylistFollower::take(const HttpClient::Answer& answer, const Directives& ask) {
  viewer_.on_violations(checker_.on_answer(options_.path, {.requested = answer.requested,
                                                           .answered = answer.answered,
                                                           .msn = ask.msn,
                                                           .part = ask.part,
                                                           .skip = ask.skip,
                                                           .status = static_cast<int>(answer.status),
                                                           .text = as_text(answer.body)}));
  news_.notify_all();
}

/// Section 6.3.4: a target duration after the last reload, half of it where that had nothing new.
Task<void> PlaylistFollower::pause(bool changed) const {
  const auto* list = playlist();
  if (list == nullptr) co_return;
  const milliseconds target = seconds(list->target_duration);
  if (!blocks(*list)) co_await sleep_for(changed ? target : target / 2);
  if (blocks(*list) && !changed) co_await sleep_for(kLeastPace);
}

Task<void> PlaylistFollower::reload() {
  unsigned failures = 0;
  bool changed = true;
  for (;;) {
    if (playlist() != nullptr && playlist()->ended) break;
    co_await pause(changed);
    const auto before = edge();
    const auto ask = next_part(changed);
    ++reloads_;
    const auto* list = playlist();
    const auto limit = kPlaylistLimit + 3 * seconds(list ? list->target_duration : 0);
    auto answer = co_await client_.get(path_with(ask), HttpClient::Keep::all, limit);
    if (answer) take(*answer, ask);
    if (answer && ask.to_be_refused) continue;
    if (!answer || answer->status != 200) {
      if (options_.patient || ++failures < kMostFailures) {
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

}  // namespace sluice::load
