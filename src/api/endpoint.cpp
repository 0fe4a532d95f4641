#include "api/endpoint.hpp"

#include <algorithm>

#include "api/config_api.hpp"
#include "api/log_lines.hpp"
#include "api/metrics.hpp"
#include "api/monitoring.hpp"
#include "api/object_api.hpp"
#include "api/openapi.hpp"
#include "api/server_stats.hpp"
#include "api/sessions.hpp"
#include "api/streams.hpp"

namespace sluice::api {
namespace {

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto end = path.find('/');
    out.push_back(path.substr(0, end));
    if (end == std::string_view::npos) return out;
    path.remove_prefix(end + 1);
  }
}

bool is_name(std::string_view segment) { return segment.starts_with('{'); }

/// Adds what the segments of `pattern` stand for; false where one is not that of `path`. REQUIRES: as many of each.
bool match_each(std::span<const std::string_view> pattern, std::span<const std::string_view> path,
                std::vector<std::string>& names) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_name(pattern[i])) {
      names.emplace_back(path[i]);
    } else if (pattern[i] != path[i]) {
      return false;
    }
  }
  return true;
}

std::size_t words_of(std::string_view pattern) {
  return static_cast<std::size_t>(std::ranges::count_if(segments(pattern), [](auto s) { return !is_name(s); }));
}

}  // namespace

std::span<const Endpoint> endpoints() {
  static const auto all = [] {
    std::vector<Endpoint> out;
    for (const auto& part :
         {stream_endpoints(), object_endpoints(), config_endpoints(), session_endpoints(), server_stats_endpoints(),
          metrics_endpoints(), log_endpoints(), monitoring_endpoints(), openapi_endpoints()})
      out.insert(out.end(), part.begin(), part.end());
    return out;
  }();
  return all;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  const auto wanted = segments(pattern);
  const auto given = segments(path);
  if (given.size() < wanted.size()) return std::nullopt;
  const auto first = std::ranges::find_if(wanted, is_name);
  const auto before = static_cast<std::size_t>(first - wanted.begin());
  if (first == wanted.end() && given.size() != wanted.size()) return std::nullopt;

  std::vector<std::string> names;
  const std::span all(wanted);
  const std::span parts(given);
  if (!match_each(all.first(before), parts.first(before), names)) return std::nullopt;
  if (first == wanted.end()) return names;
  const auto after = wanted.size() - before - 1;
  const auto begin = static_cast<std::size_t>(given[before].data() - path.data());
  const auto& last = given[given.size() - after - 1];
  const auto end = static_cast<std::size_t>(last.data() - path.data()) + last.size();
  if (begin == end) return std::nullopt;
  names.emplace_back(path.substr(begin, end - begin));
  if (!match_each(all.last(after), parts.last(after), names)) return std::nullopt;
  return names;
}

Route find_route(std::span<const Endpoint> among, std::string_view method, std::string_view path) {
  Route best;
  std::size_t most = 0;
  for (const Endpoint& endpoint : among) {
    auto names = match(endpoint.path, path);
    if (!names) continue;
    if (!best.allow.contains(endpoint.method))
      best.allow += (best.allow.empty() ? "" : ", ") + std::string(endpoint.method);
    const bool asked = endpoint.method == method || (endpoint.method == "GET" && method == "HEAD");
    const auto words = words_of(endpoint.path) + 1;
    if (!asked || words <= most) continue;
    most = words;
    best.endpoint = &endpoint;
    best.names = *std::move(names);
  }
  return best;
}

}  // namespace sluice::api
