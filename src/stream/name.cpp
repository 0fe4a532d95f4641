#include "stream/name.hpp"

#include <algorithm>

namespace sluice::stream {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool valid_part(std::string_view part) {
  return !part.empty() && part != "." && part != ".." && std::ranges::all_of(part, is_name_character);
}

}  // namespace

bool valid_stream_name(std::string_view name) {
  if (name.size() > kMaxStreamName) return false;
  while (true) {
    const auto slash = name.find('/');
    if (!valid_part(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

}  // namespace sluice::stream
