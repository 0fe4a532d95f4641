#include "format/m3u8/playlist.hpp"

#include <algorithm>
#include <array>

#include "core/assert.hpp"

namespace sluice::m3u8 {
namespace {

/// RFC 3986 section 3.4: what may stand in a query as it is. '%' stays, for what is encoded already.
constexpr std::array<bool, 256> kQueryCharacters = [] {
  std::array<bool, 256> allowed{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                       "-._~!$&'()*+,;=:@/?%")) {
    allowed[static_cast<unsigned char>(c)] = true;
  }
  return allowed;
}();

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kQueryCharacters[byte]) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

}  // namespace

std::string inherited_query(std::string_view query) {
  if (query.starts_with('?')) query.remove_prefix(1);
  std::string out;
  while (!query.empty()) {
    const auto parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    if (parameter.empty() || parameter.starts_with("_HLS_")) continue;
    out += out.empty() ? '?' : '&';
    append_encoded(out, parameter);
  }
  return out;
}

std::size_t rendered_size(const Playlist& playlist, std::string_view query) {
  return playlist.text.size() + playlist.holes.size() * query.size();
}

std::string render(const Playlist& playlist, std::string_view query) {
  std::string out;
  out.reserve(rendered_size(playlist, query));
  std::vector<std::string_view> views;
  slices(playlist, query, views);
  for (const auto view : views) out += view;
  return out;
}

void slices(const Playlist& playlist, std::string_view query, std::vector<std::string_view>& out) {
  const std::string_view text = playlist.text;
  if (query.empty() || playlist.holes.empty()) {
    out.push_back(text);
    return;
  }
  out.reserve(out.size() + 2 * playlist.holes.size() + 1);
  std::size_t from = 0;
  for (const std::uint32_t hole : playlist.holes) {
    SLUICE_ASSERT(hole >= from && hole <= text.size(), "holes of a playlist are ascending and inside its text");
    out.push_back(text.substr(from, hole - from));
    out.push_back(query);
    from = hole;
  }
  out.push_back(text.substr(from));
}

}  // namespace sluice::m3u8
