#include <algorithm>
#include <string>
#include <string_view>

#include "format/m3u8/reader.hpp"

namespace sluice::m3u8 {
namespace {

/// Where the path of an absolute URI begins: behind "scheme://authority". 0 where the text has neither.
std::size_t path_start(std::string_view uri) {
  const auto scheme = uri.find("://");
  if (scheme == uri.npos || uri.find_first_of("/?#") < scheme) return 0;
  return std::min(uri.find_first_of("/?#", scheme + 3), uri.size());
}

bool has_scheme(std::string_view uri) {
  const auto colon = uri.find(':');
  return colon != uri.npos && colon != 0 && colon < uri.find_first_of("/?#");
}

/// RFC 3986 section 5.2.4: takes "." and ".." out of a path that begins with '/'.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (!up && segment != "/.") {
      out += segment;
      continue;
    }
    if (up) out.erase(std::min(out.rfind('/'), out.size()));
    if (path.empty()) out += '/';
  }
  return out;
}

}  // namespace

std::string resolve_uri(std::string_view base, std::string_view reference) {
  if (has_scheme(reference)) return std::string(reference);
  base = base.substr(0, base.find('#'));
  const auto root = path_start(base);
  const auto authority = base.substr(0, root);
  if (reference.starts_with("//")) {
    return std::string(authority.substr(0, authority.find("//"))) + std::string(reference);
  }
  const auto path = base.substr(root, base.find('?', root) - root);
  if (reference.empty()) return std::string(base);
  if (reference.starts_with('?')) return std::string(authority) + std::string(path) + std::string(reference);

  const auto tail = std::min(reference.find_first_of("?#"), reference.size());
  std::string joined;
  if (!reference.starts_with('/')) joined = path.substr(0, path.rfind('/') + 1);
  if (joined.empty() && !reference.starts_with('/')) joined = "/";
  joined += reference.substr(0, tail);
  if (!joined.starts_with('/')) return joined + std::string(reference.substr(tail));
  return std::string(authority) + without_dots(joined) + std::string(reference.substr(tail));
}

}  // namespace sluice::m3u8
