#include "format/m3u8/presentation_checker.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace sluice::m3u8 {
namespace {

constexpr std::size_t kMaxSeen = 16;

std::string without_query(std::string uri) {
  uri.resize(std::min(uri.find_first_of("?#"), uri.size()));
  return uri;
}

template <class Seen>
void remember(std::vector<Seen>& list, Seen seen) {
  if (list.size() == kMaxSeen) list.erase(list.begin());
  list.push_back(seen);
}

std::string text_of(const Edge& edge) {
  return edge.part ? fmt::format("{}.{}", edge.msn, *edge.part) : fmt::format("{}", edge.msn);
}

bool has_dates(const MediaPlaylist& playlist) {
  return std::ranges::any_of(playlist.segments, [](const Segment& s) { return s.program_date_time.has_value(); });
}

/// Compared are the newest segments: the older ones were when they were new.
constexpr std::size_t kCompared = 64;

/// A dated segment of a playlist.
struct Dated {
  UtcTime begin;
  UtcTime end;
  std::uint64_t msn;
  std::uint64_t discontinuity;
};

std::vector<Dated> dated_segments(const MediaPlaylist& playlist) {
  std::vector<Dated> out;
  std::uint64_t discontinuity = playlist.discontinuity_sequence;
  for (std::size_t i = 0; i < playlist.segments.size(); ++i) {
    const auto& segment = playlist.segments[i];
    discontinuity += segment.discontinuity ? 1 : 0;
    if (!segment.program_date_time || i + kCompared < playlist.segments.size()) continue;
    const UtcTime begin = *segment.program_date_time;
    out.push_back({begin, begin + segment.duration, playlist.media_sequence + i, discontinuity});
  }
  return out;
}

/// Content matches where two segments share more than half of the shorter one: tracks do not break off at one moment.
bool matches(const Dated& a, const Dated& b) {
  const auto shared = std::min(a.end, b.end) - std::max(a.begin, b.begin);
  return shared * 2 > std::min(a.end - a.begin, b.end - b.begin);
}

}  // namespace

std::span<const Violation> PresentationChecker::on_master(std::string_view uri, std::string_view text) {
  std::size_t line = 0;
  const auto master = read_master(text, &line);
  std::vector<Violation> violations;
  if (master) {
    violations = check(*master);
    const auto name = [&](const std::string& reference) {
      if (!reference.empty()) member(without_query(resolve_uri(uri, reference))).named = true;
    };
    for (const auto& variant : master->variants) name(variant.uri);
    for (const auto& rendition : master->renditions) name(rendition.uri);
  } else {
    Report report;
    report.add(Rule::syntax, "line {}: {}", line, master.error().message());
    violations = report.take();
  }
  for (auto& violation : violations) violation.playlist = without_query(std::string(uri));
  return log_.add(std::move(violations));
}

std::span<const Violation> PresentationChecker::on_answer(std::string_view uri, const Exchange& exchange) {
  const std::string key = without_query(std::string(uri));
  Member& own = member(key);
  const auto alone = own.checker.on_answer(exchange);
  std::vector<Violation> violations(alone.begin(), alone.end());
  if (exchange.status == 200 && own.checker.playlist() != nullptr) {
    Report report;
    for (const auto& [other_key, other] : members_) {
      if (other_key != key && other.checker.playlist() != nullptr) {
        check_pair(*own.checker.playlist(), other_key, *other.checker.playlist(), report);
      }
    }
    check_reported(own, exchange, report);
    check_reports(key, exchange, report);
    std::ranges::move(report.take(), std::back_inserter(violations));
  }
  for (auto& violation : violations) {
    violation.playlist = key;
    violation.reload = own.checker.reloads();
  }
  return log_.add(std::move(violations));
}

void PresentationChecker::note(std::string_view uri, Violation violation) {
  violation.playlist = without_query(std::string(uri));
  const auto* one = checker(uri);
  violation.reload = one == nullptr ? 0 : one->reloads();
  std::vector<Violation> violations;
  violations.push_back(std::move(violation));
  log_.add(std::move(violations));
}

std::vector<std::string> PresentationChecker::playlists() const {
  std::vector<std::string> out;
  for (const auto& [key, member] : members_) {
    if (member.named) out.push_back(key);
  }
  return out;
}

const Checker* PresentationChecker::checker(std::string_view uri) const {
  const auto found = members_.find(without_query(std::string(uri)));
  return found == members_.end() ? nullptr : &found->second.checker;
}

PresentationChecker::Member& PresentationChecker::member(const std::string& key) {
  return members_.try_emplace(key, options_).first->second;
}

void PresentationChecker::check_pair(const MediaPlaylist& one, const std::string& other_key, const MediaPlaylist& other,
                                     Report& report) const {
  if (one.target_duration != other.target_duration) {
    report.add(Rule::same_target_duration, "{}, {} has {}", one.target_duration, other_key, other.target_duration);
  }
  if (one.server_control != other.server_control) report.add(Rule::same_server_control, "unlike {}", other_key);
  if (one.type != other.type) report.add(Rule::same_type, "unlike {}", other_key);
  if (!one.segments.empty() && !other.segments.empty() && has_dates(one) != has_dates(other)) {
    report.add(Rule::date_time_in_all, "unlike {}", other_key);
  }
  const auto others = dated_segments(other);
  for (const auto& a : dated_segments(one)) {
    for (const auto& b : others) {
      if (a.discontinuity != b.discontinuity && matches(a, b)) {
        report.add(Rule::discontinuity_sequence_matches, "segment {} has number {}, segment {} of {} has {}", a.msn,
                   a.discontinuity, b.msn, other_key, b.discontinuity);
      }
    }
  }
}

/// A report may not be behind what its rendition had shown before this answer was asked for.
void PresentationChecker::check_reports(const std::string& key, const Exchange& exchange, Report& report) {
  const MediaPlaylist& playlist = *member(key).checker.playlist();
  std::map<std::string, Edge> reports;
  for (const auto& r : playlist.rendition_reports) {
    reports[without_query(resolve_uri(key, r.uri))] = {.msn = r.last_msn, .part = r.last_part};
  }
  for (auto& [other_key, other] : members_) {
    if (other_key == key) continue;
    const auto found = reports.find(other_key);
    if (found == reports.end()) {
      if (options_.low_latency && other.named && !playlist.ended)
        report.add(Rule::report_for_each_rendition, "none for {}", other_key);
      continue;
    }
    const auto shown = std::ranges::find_if(other.edges.rbegin(), other.edges.rend(), [&](const Seen& seen) {
      return seen.at + options_.delivery_tolerance <= exchange.requested;
    });
    if (shown != other.edges.rend() && found->second < shown->edge) {
      report.add(Rule::report_current, "{} is at {}, reported as {}", other_key, text_of(shown->edge),
                 text_of(found->second));
    }
    remember(other.reported, Seen{.edge = found->second, .at = exchange.answered});
  }
}

/// Nor may the rendition, asked later, be behind what was reported of it.
void PresentationChecker::check_reported(Member& member, const Exchange& exchange, Report& report) const {
  const auto edge = edge_of(*member.checker.playlist());
  if (!edge) return;
  const auto promised = std::ranges::find_if(member.reported.rbegin(), member.reported.rend(), [&](const Seen& seen) {
    return seen.at + options_.delivery_tolerance <= exchange.requested;
  });
  if (promised != member.reported.rend() && *edge < promised->edge) {
    report.add(Rule::report_current, "at {}, others reported {}", text_of(*edge), text_of(promised->edge));
  }
  remember(member.edges, Seen{.edge = *edge, .at = exchange.answered});
}

}  // namespace sluice::m3u8
