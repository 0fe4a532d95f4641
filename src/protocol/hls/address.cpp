#include "protocol/hls/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::hls {
namespace {

constexpr std::string_view kTracks = "tracks-";

/// The last component of a path, taken off it.
std::string_view take_last(std::string_view& path) {
  const auto slash = path.rfind('/');
  const auto last = slash == std::string_view::npos ? path : path.substr(slash + 1);
  path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  return last;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

template <class T>
bool read_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

/// "index", "mono.ts": which playlist it is.
std::optional<Address> playlist(std::string_view stem, bool has_tracks) {
  Address address;
  if (take_suffix(stem, ".ts")) address.container = Container::ts;
  else if (take_suffix(stem, ".fmp4")) address.container = Container::cmaf;
  else if (take_suffix(stem, ".ll")) address.container = Container::low_latency;
  if (stem == "index" || stem == "playlist") {
    address.kind = has_tracks ? Address::Kind::media : Address::Kind::master;
  } else if (stem == "mono" || stem == "video") {
    address.kind = Address::Kind::media;
    address.all_audio = stem == "video";
  } else {
    return {};
  }
  return address;
}

/// "part-38530.3" or "segment-38530"
std::optional<Address> low_latency(std::string_view stem) {
  Address address{.kind = Address::Kind::part, .container = Container::low_latency};
  if (stem.starts_with("segment-")) {
    address.kind = Address::Kind::segment;
    if (!read_number(stem.substr(8), address.number)) return {};
    return address;
  }
  if (!stem.starts_with("part-")) return {};
  stem.remove_prefix(5);
  const auto dot = stem.find('.');
  if (dot == std::string_view::npos || !read_number(stem.substr(0, dot), address.number) ||
      !read_number(stem.substr(dot + 1), address.part)) {
    return {};
  }
  return address;
}

/// "init-0123456789abcdef"
std::optional<Address> init(std::string_view stem) {
  if (!stem.starts_with("init-") || stem.size() != 5 + 16) return {};
  return Address{.kind = Address::Kind::init, .container = Container::cmaf, .name = std::string(stem.substr(5))};
}

/// "37-05000" and what stands before it: the date and time of a segment. Takes the date off `path`.
std::optional<Address> segment(std::string_view last, std::string_view& path) {
  Address address{.kind = Address::Kind::segment};
  if (take_suffix(last, ".ts.vtt")) {
    address.container = Container::ts;
    address.text = true;
  } else if (take_suffix(last, ".vtt")) {
    address.container = Container::cmaf;
    address.text = true;
  } else if (take_suffix(last, ".ts")) {
    address.container = Container::ts;
  } else if (take_suffix(last, ".fmp4")) {
    address.container = Container::cmaf;
  } else {
    return {};
  }
  if (last.size() < 8 || last.size() > 13 || last[2] != '-' || !all_digits(last.substr(0, 2)) || !all_digits(last.substr(3))) {
    return {};
  }
  std::array<std::string_view, 5> date;  // minute, hour, day, month, year
  for (std::size_t i = 0; i < date.size(); ++i) {
    date[i] = take_last(path);
    if (date[i].size() != (i == 4 ? 4 : 2) || !all_digits(date[i])) return {};
  }
  for (auto it = date.rbegin(); it != date.rend(); ++it) address.name.append(*it).push_back('/');
  address.name += last;
  return address;
}

struct Found {
  Address address;
  std::string_view name;  // what stands before it
};

std::optional<Found> find(std::string_view path) {
  std::string_view rest = path;
  std::string_view last = take_last(rest);
  const auto tracks_before = [](std::string_view p) { return take_last(p).starts_with(kTracks); };
  std::optional<Address> address;
  if (take_suffix(last, ".m3u8")) address = playlist(last, tracks_before(rest));
  else if (take_suffix(last, ".m4s")) address = low_latency(last);
  else if (take_suffix(last, ".mp4")) address = init(last);
  else address = segment(last, rest);
  if (!address) return {};
  if (tracks_before(rest)) {
    address->tracks = stream::View::parse(take_last(rest).substr(kTracks.size()));
    if (!address->tracks) return {};
  }
  return Found{.address = std::move(*address), .name = rest};
}

}  // namespace

std::optional<Address> parse_address(std::string_view rest) {
  auto found = find(rest);
  if (!found || !found->name.empty()) return {};
  return std::move(found->address);
}

std::optional<std::size_t> match(std::string_view path) {
  const auto found = find(path);
  if (!found || found->name.empty()) return {};
  return found->name.size();
}

}  // namespace sluice::hls
