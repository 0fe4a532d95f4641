#include "protocol/hls/directives.hpp"

#include <charconv>
#include <string_view>

namespace sluice::hls {
namespace {

/// Takes a decimal number of the query; false where there is something else.
bool read_number(const net::HttpRequest& request, std::string_view name, std::optional<std::uint64_t>& out) {
  const auto text = request.query_value(name);
  if (!text) return true;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, out.emplace());
  return read.ec == std::errc() && read.ptr == end;
}

/// The Advance Part Limit: how many parts ahead of the newest may be asked for.
std::uint64_t advance_part_limit(Ticks part_target) {
  constexpr Ticks kSecond{90'000};
  if (part_target <= Ticks(0) || part_target >= kSecond) return 3;
  return static_cast<std::uint64_t>((3 * kSecond + part_target - Ticks(1)) / part_target);
}

}  // namespace

std::optional<Directives> Directives::parse(const net::HttpRequest& request) {
  Directives out;
  if (!request.query.contains("_HLS_")) return out;
  if (!read_number(request, "_HLS_msn", out.msn) || !read_number(request, "_HLS_part", out.part)) return {};
  if (out.part && !out.msn) return {};
  const auto skip = request.query_value("_HLS_skip");
  out.skip = skip == "YES" || skip == "v2";
  return out;
}

Reload reload(const Directives& directives, const Edge& edge, Ticks part_target) {
  if (!directives.msn) return Reload::answer;
  const std::uint64_t msn = *directives.msn;
  const auto part = edge.has_parts ? directives.part : std::nullopt;
  if (msn < edge.next) {
    // A part beyond the last of its segment is the first of the next one.
    const bool beyond = part && msn + 1 == edge.next && *part >= edge.last_parts && edge.last_parts > 0;
    return beyond && edge.parts == 0 ? Reload::wait : Reload::answer;
  }
  if (msn > edge.next + 1) return Reload::refuse;
  const std::uint64_t parts = msn == edge.next ? edge.parts : 0;
  if (!part) return Reload::wait;
  if (*part < parts) return Reload::answer;
  return *part - parts < advance_part_limit(part_target) ? Reload::wait : Reload::refuse;
}

}  // namespace sluice::hls
