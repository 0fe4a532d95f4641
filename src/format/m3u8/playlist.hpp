#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::m3u8 {

/// The media type of every playlist, RFC 8216bis section 4.
inline constexpr std::string_view kMediaType = "application/vnd.apple.mpegurl";

/// A playlist as text, made once per change and shared by all viewers. At each hole, in ascending order, the viewer's
/// query string is to be inserted: after every URI that has no query of its own.
struct Playlist {
  std::string text;
  std::vector<std::uint32_t> holes;  ///< byte offsets in `text`

  bool operator==(const Playlist&) const = default;
};

/// The query string that the URIs inside a playlist inherit from the request for it: `query` (without or with its '?')
/// less the Delivery Directives (`_HLS_...`, section 6.2.5), with every character percent-encoded that a URI's query
/// may not have, so that no viewer can end a quoted string or a line. "" or begins with '?'.
std::string inherited_query(std::string_view query);

/// How many bytes `playlist` has with `query` in its holes.
std::size_t rendered_size(const Playlist& playlist, std::string_view query);

/// `playlist` with `query` in its holes. `query` is what inherited_query() returned.
std::string render(const Playlist& playlist, std::string_view query);

/// The same as slices for a gathering write: appended to `out`, nothing is copied. They view `playlist` and `query`.
void slices(const Playlist& playlist, std::string_view query, std::vector<std::string_view>& out);

}  // namespace sluice::m3u8
