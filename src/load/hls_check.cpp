#include "load/hls_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "format/m3u8/reader.hpp"
#include "load/errc.hpp"
#include "load/http_client.hpp"
#include "load/media_check.hpp"
#include "load/playlist_follower.hpp"

namespace sluice::load {
namespace {

using m3u8::Duration;
using m3u8::MediaPlaylist;
using m3u8::Rule;
using std::chrono::seconds;

/// How much before its time is over what was removed is asked for: its removal took time to be seen here.
constexpr seconds kMargin{1};

Duration length_of(const MediaPlaylist& list) {
  Duration sum{};
  for (const auto& segment : list.segments) sum += segment.duration;
  return sum;
}

std::string hint_of(const MediaPlaylist& list) {
  const auto hint = std::ranges::find(list.preload_hints, m3u8::PreloadHint::Type::part, &m3u8::PreloadHint::type);
  return hint == list.preload_hints.end() ? std::string() : hint->uri;
}

}  // namespace

/// One Media Playlist: three tasks, of which one reloads it, one downloads what it lists, and one what it has removed.
class HlsCheck::Rendition {
 public:
  Rendition(HlsCheck& check, std::string path)
      : check_(check),
        follower_(check.viewer_, check.checker_,
                  {.path = std::move(path), .tests = true, .patient = check.options_.source_pauses}),
        listed_(check.viewer_),
        unlisted_(check.viewer_) {}

  /// Until the stream ends or too much fails.
  Task<void> run() {
    scope_.spawn(follower_.reload());
    scope_.spawn(download_unlisted());
    for (;;) {
      const auto answers = follower_.answers();
      if (const auto* list = follower_.playlist()) {
        const MediaPlaylist now(*list);
        note_removals(now);
        co_await download(now);
        if (follower_.answers() == answers) co_await download_hint(hint_of(now));
      }
      if (follower_.over()) break;
      if (follower_.answers() == answers) co_await follower_.news().wait();
    }
    if (*follower_.over() != Errc::ended) error_ = follower_.over()->message();
  }

  [[nodiscard]] const std::string& path() const { return follower_.path(); }
  /// Why it could not go on; empty: it can, or the stream has ended.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] CheckCounts counts() const {
    CheckCounts out = counts_;
    out.reloads = follower_.answers();
    return out;
  }

 private:
  // --- what is listed -----------------------------------------------------------------------------------------------

  Task<void> download(const MediaPlaylist& list) {
    if (next_ < list.media_sequence) {
      next_ = list.media_sequence;
      parts_ = 0;
      media_.discontinuity();
    }
    while (next_ < list.media_sequence + list.segments.size()) {
      const auto& segment = list.segments[next_ - list.media_sequence];
      co_await download_parts(segment);
      co_await download_segment(segment);
      ++next_;
      parts_ = 0;
      entered_ = false;
    }
    if (list.open) co_await download_parts(*list.open);
  }

  Task<void> enter(const m3u8::Segment& segment) {
    if (std::exchange(entered_, true)) co_return;
    if (segment.discontinuity) media_.discontinuity();
    if (segment.map_uri == map_uri_) co_return;
    map_uri_ = segment.map_uri;
    if (map_uri_.empty()) {
      note(media_.init({}));
    } else if (const auto map = co_await get(map_uri_)) {
      note(media_.init(*map));
    }
  }

  Task<void> download_parts(const m3u8::Segment& segment) {
    co_await enter(segment);
    for (; parts_ < segment.parts.size(); ++parts_) {
      const auto& part = segment.parts[parts_];
      std::optional<Bytes> body;
      if (!part.gap) {
        body = co_await body_of(part);
        if (!body) media_.discontinuity();
        if (!body) continue;
        ++counts_.parts;
      }
      note(media_.part(next_, part, body.value_or(Bytes())));
    }
  }

  /// As it was downloaded by its hint, or now.
  Task<std::optional<Bytes>> body_of(const m3u8::Part& part) {
    if (part.uri == hinted_ && hint_status_ == 200) co_return std::move(hint_body_);
    if (part.uri == hinted_ && !check_.options_.source_pauses) {
      note({{.rule = Rule::hint_available, .what = fmt::format("status {} for {}", hint_status_, part.uri)}});
    }
    co_return co_await get(part.uri);
  }

  Task<void> download_segment(const m3u8::Segment& segment) {
    if (segment.gap) {
      media_.discontinuity();
      co_return;
    }
    const auto body = co_await get(segment.uri);
    if (!body) co_return;
    ++counts_.segments;
    note(media_.segment(next_, segment, *body));
  }

  Task<void> download_hint(const std::string& uri) {
    if (uri.empty() || uri == hinted_) co_return;
    const auto path = local_path(check_.options_.target, follower_.path(), uri);
    if (!path) co_return;
    auto answer = co_await listed_.get(*path, HttpClient::Keep::all, kMediaLimit);
    hinted_ = uri;
    hint_status_ = answer ? answer->status : 0;
    hint_body_ = answer ? std::move(answer->body) : Bytes();
  }

  Task<std::optional<Bytes>> get(const std::string& uri) {
    const auto path = local_path(check_.options_.target, follower_.path(), uri);
    if (!path) co_return std::nullopt;  // another server's
    auto answer = co_await listed_.get(*path, HttpClient::Keep::all, kMediaLimit);
    if (answer && answer->status == 200 && !answer->body.empty()) co_return std::move(answer->body);
    note({{.rule = Rule::listed_available, .what = what_came(answer, uri)}});
    co_return std::nullopt;
  }

  static std::string what_came(const Result<HttpClient::Answer>& answer, const std::string& uri) {
    if (!answer) return fmt::format("{} for {}", answer.error().message(), uri);
    return fmt::format("status {} with {} bytes for {}", answer->status, answer->body.size(), uri);
  }

  // --- what is listed no longer
  // ---------------------------------------------------------------------------------------

  /// Section 6.2.2: a segment stays for its duration and that of the longest playlist that had it, a part for three
  /// target durations.
  void note_removals(const MediaPlaylist& list) {
    const auto now = Shard::current().now();
    const auto leave = [&](const std::string& uri, Duration stays) {
      leaving_.emplace(now + stays - kMargin - check_.options_.tolerance, uri);
      removals_.notify_all();
    };
    for (auto it = present_.begin(); it != present_.end() && it->first < list.media_sequence;) {
      const auto& [segment, longest] = it->second;
      if (!segment.gap) leave(segment.uri, segment.duration + longest);
      it = present_.erase(it);
    }
    const Duration length = length_of(list);
    std::uint64_t msn = list.media_sequence;
    for (const auto& segment : list.segments) {
      auto& was = present_[msn++];
      const auto& parts = was.segment.parts;
      const bool lost_parts = !parts.empty() && segment.parts.empty() && !parts.back().gap;
      if (lost_parts) leave(parts.back().uri, 3 * seconds(list.target_duration));
      was = {.segment = segment, .longest = std::max(was.longest, length)};
    }
  }

  Task<void> download_unlisted() {
    for (;;) {
      if (leaving_.empty() || leaving_.begin()->first > Shard::current().now()) {
        co_await removals_.wait(leaving_.empty() ? SteadyTime::max() : leaving_.begin()->first);
        continue;
      }
      const std::string uri = leaving_.extract(leaving_.begin()).mapped();
      const auto path = local_path(check_.options_.target, follower_.path(), uri);
      if (!path) continue;
      const auto answer = co_await unlisted_.get(*path, HttpClient::Keep::all, kMediaLimit);
      ++counts_.unlisted;
      if (!answer || answer->status != 200) {
        note({{.rule = Rule::removed_available, .what = what_came(answer, uri)}});
      }
    }
  }

  /// A segment, and the length of the longest playlist that had it.
  struct Present {
    m3u8::Segment segment;
    Duration longest{};
  };

  void note(MediaCheck::Violations violations) {
    for (auto& violation : violations) check_.checker_.note(follower_.path(), std::move(violation));
  }

  // borrowed (outlives this)
  HlsCheck& check_;
  // owned
  PlaylistFollower follower_;
  HttpClient listed_;
  HttpClient unlisted_;
  MediaCheck media_;
  // state
  std::uint64_t next_ = 0;  ///< Media Sequence Number of the segment that is being downloaded
  std::size_t parts_ = 0;   ///< of it, that are done
  bool entered_ = false;    ///< its tags are read
  std::string map_uri_;
  std::string hinted_;  ///< that was asked for last
  unsigned hint_status_ = 0;
  Bytes hint_body_;
  std::map<std::uint64_t, Present> present_;        ///< in the newest playlist, by number
  std::multimap<SteadyTime, std::string> leaving_;  ///< URIs that are there until then
  Event removals_;
  CheckCounts counts_;
  std::string error_;
  TaskScope scope_;  // last: its tasks use all of the above
};

HlsCheck::HlsCheck(Options options)
    : options_(std::move(options)), viewer_({.target = &options_.target, .parsed = true}), checker_({}) {}

HlsCheck::~HlsCheck() = default;

/// Loads what the URL is and finds its Media Playlists; false, with the reason noted, where that fails.
Task<bool> HlsCheck::begin() {
  HttpClient client(viewer_);
  const auto& target = options_.target;
  const auto top = co_await client.get(target.path, HttpClient::Keep::all, kPlaylistLimit);
  if (!top || top->status != 200) {
    error_ = top ? fmt::format("status {}", top->status) : top.error().message();
    co_return false;
  }
  const auto text = as_text(top->body);
  std::set<std::string> paths;
  if (const auto master = m3u8::read_master(text)) {
    const auto add = [&](const std::string& uri) {
      if (const auto path = local_path(target, target.path, uri); path && !uri.empty()) paths.insert(*path);
    };
    for (const auto& variant : master->variants) add(variant.uri);
    for (const auto& rendition : master->renditions) add(rendition.uri);
  } else {
    paths.insert(target.path);
  }
  const bool low_latency = target.path.contains(".ll.") || text.contains("#EXT-X-PART-INF:");
  checker_ = m3u8::PresentationChecker({.delivery_tolerance = options_.tolerance,
                                        .low_latency = low_latency,
                                        .source_may_pause = options_.source_pauses});
  if (m3u8::is_master(text)) checker_.on_master(target.path, text);
  for (const auto& path : paths) renditions_.emplace_back(*this, path);
  co_return true;
}

Task<void> HlsCheck::run() {
  if (!co_await begin()) co_return;
  for (Rendition& rendition : renditions_) scope_.spawn(follow(rendition));
  while (following_ > 0) co_await ended_.wait();
}

Task<void> HlsCheck::follow(Rendition& rendition) {
  ++following_;
  co_await rendition.run();
  --following_;
  ended_.notify_all();
}

std::vector<std::string> HlsCheck::faults() const {
  std::vector<std::string> out;
  if (!error_.empty()) out.push_back(error_);
  for (const auto& violation : checker_.violations()) out.push_back(m3u8::to_string(violation));
  for (const auto& rendition : renditions_) {
    if (!rendition.error().empty()) out.push_back(fmt::format("{}: {}", rendition.path(), rendition.error()));
    if (rendition.counts().reloads == 0) out.push_back(fmt::format("{}: never came", rendition.path()));
  }
  return out;
}

CheckCounts HlsCheck::counts() const {
  CheckCounts out;
  for (const auto& rendition : renditions_) {
    const auto one = rendition.counts();
    ++out.playlists;
    out.reloads += one.reloads;
    out.segments += one.segments;
    out.parts += one.parts;
    out.unlisted += one.unlisted;
  }
  return out;
}

}  // namespace sluice::load
