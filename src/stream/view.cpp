#include "stream/view.hpp"

#include <algorithm>

namespace sluice::stream {
namespace {

constexpr std::size_t kMostTracks = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<View> View::parse(std::string_view selector) {
  View view;
  while (!selector.empty()) {
    if (std::string_view("vatd").find(selector[0]) == std::string_view::npos) return {};
    std::size_t n = 1;
    while (n < selector.size() && is_digit(selector[n])) ++n;
    if (n == 1 || n > 4 || view.track_ids.size() == kMostTracks) return {};
    view.track_ids.emplace_back(selector.substr(0, n));
    selector.remove_prefix(n);
  }
  if (view.track_ids.empty()) return {};
  return view;
}

std::vector<std::uint32_t> View::select(const media::Tracks& tracks) const {
  std::vector<std::uint32_t> out;
  if (track_ids.empty()) {
    for (std::uint32_t i = 0; i < tracks.size(); ++i) out.push_back(i);
    return out;
  }
  for (const auto& id : track_ids) {
    const auto it = std::ranges::find(tracks, id, &media::Track::id);
    if (it == tracks.end()) continue;
    const auto index = static_cast<std::uint32_t>(it - tracks.begin());
    if (std::ranges::find(out, index) == out.end()) out.push_back(index);
  }
  return out;
}

std::string selector(const media::Tracks& tracks, std::span<const std::uint32_t> indexes) {
  std::string out;
  for (const auto index : indexes) out += tracks[index].id;
  return out;
}

}  // namespace sluice::stream
