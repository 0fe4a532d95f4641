#include "protocol/hls/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace sluice::hls {
namespace {

using Kind = PlaylistAddress::Kind;

struct PlaylistRow {
  std::string_view leaf;
  PlaylistAddress address;
};

constexpr std::array kPlaylists{
    PlaylistRow{"index.m3u8", {Kind::master, Container::automatic}},
    PlaylistRow{"playlist.m3u8", {Kind::master, Container::automatic}},
    PlaylistRow{"index.ts.m3u8", {Kind::master, Container::ts}},
    PlaylistRow{"index.fmp4.m3u8", {Kind::master, Container::cmaf}},
    PlaylistRow{"index.ll.m3u8", {Kind::master, Container::low_latency}},
    PlaylistRow{"mono.m3u8", {Kind::single, Container::automatic}},
    PlaylistRow{"mono.ts.m3u8", {Kind::single, Container::ts}},
    PlaylistRow{"mono.fmp4.m3u8", {Kind::single, Container::cmaf}},
    PlaylistRow{"video.m3u8", {Kind::muxed, Container::automatic}},
};

struct ExtensionRow {
  std::string_view extension;
  Container container;
  bool text;
};

constexpr std::array kExtensions{
    ExtensionRow{"ts", Container::ts, false},     ExtensionRow{"m4s", Container::cmaf, false},
    ExtensionRow{"fmp4", Container::cmaf, false}, ExtensionRow{"ts.vtt", Container::ts, true},
    ExtensionRow{"vtt", Container::cmaf, true},
};

constexpr std::string_view kTracks = "tracks-";

/// Takes fields from the front of a text; sticky like ByteReader.
class TextReader {
 public:
  explicit TextReader(std::string_view in) : in_(in) {}

  void literal(std::string_view expected) {
    ok_ = ok_ && in_.starts_with(expected);
    if (ok_) in_.remove_prefix(expected.size());
  }
  /// `least` to `most` digits of `base`, with its letters in lower case.
  std::uint64_t number(std::size_t least, std::size_t most, int base = 10) {
    std::uint64_t value = 0;
    const auto limit = in_.substr(0, most);
    const auto end = std::ranges::find_if_not(
        limit, [&](char c) { return (c >= '0' && c <= '9') || (base == 16 && c >= 'a' && c <= 'f'); });
    const auto n = static_cast<std::size_t>(end - limit.begin());
    ok_ = ok_ && n >= least && std::from_chars(in_.data(), in_.data() + n, value, base).ec == std::errc();
    if (ok_) in_.remove_prefix(n);
    return value;
  }
  std::string_view rest() { return std::exchange(in_, {}); }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool done() const { return ok_ && in_.empty(); }

 private:
  std::string_view in_;
  bool ok_ = true;
};

std::optional<SegmentAddress> parse_segment(std::string_view text) {
  TextReader in(text);
  const auto field = [&](std::size_t digits, char end) {
    const auto value = in.number(digits, digits);
    in.literal({&end, 1});
    return static_cast<unsigned>(value);
  };
  const auto year = field(4, '/');
  const auto month = field(2, '/');
  const auto day = field(2, '/');
  const auto hour = field(2, '/');
  const auto minute = field(2, '/');
  const auto second = field(2, '-');
  const auto ms = in.number(5, 9);
  in.literal(".");
  if (!in.ok()) return {};
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day));
  const auto* const row = std::ranges::find(kExtensions, in.rest(), &ExtensionRow::extension);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59 || row == kExtensions.end()) return {};
  return SegmentAddress{.container = row->container,
                        .text = row->text,
                        .second = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                                  std::chrono::minutes(minute) + std::chrono::seconds(second),
                        .name_ms = static_cast<std::uint32_t>(ms)};
}

std::optional<NumberAddress> parse_number(std::string_view text) {
  TextReader in(text);
  in.literal("segment-");
  NumberAddress segment{.number = in.number(1, 19)};
  const auto extension = in.rest();
  segment.text = extension == ".vtt";
  if (!in.ok() || (!segment.text && extension != ".m4s")) return {};
  return segment;
}

std::optional<PartAddress> parse_part(std::string_view text) {
  TextReader in(text);
  PartAddress part;
  in.literal("part-");
  part.discontinuity = in.number(1, 19);
  in.literal("-");
  const auto sequence = in.number(1, 10);
  in.literal(".m4s");
  if (!in.done() || sequence > std::numeric_limits<std::uint32_t>::max()) return {};
  part.sequence = static_cast<std::uint32_t>(sequence);
  return part;
}

std::optional<InitAddress> parse_init(std::string_view text) {
  TextReader in(text);
  in.literal("init-");
  const InitAddress init{.hash = in.number(16, 16, 16)};
  in.literal(".mp4");
  if (!in.done()) return {};
  return init;
}

/// The path's last `n` components, or nothing where it has not more than these.
std::optional<std::size_t> start_of_last(std::string_view path, std::size_t n) {
  std::size_t at = path.size();
  for (; n > 0; --n) {
    if (at == 0) return {};
    at = path.rfind('/', at - 1);
    if (at == std::string_view::npos) return {};
  }
  return at + 1;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view rest) {
  Address address;
  if (rest.starts_with(kTracks)) {
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) return {};
    address.tracks = stream::View::parse(rest.substr(kTracks.size(), slash - kTracks.size()));
    if (!address.tracks) return {};
    rest.remove_prefix(slash + 1);
  }
  if (rest.ends_with(".m3u8")) {
    const auto* const row = std::ranges::find(kPlaylists, rest, &PlaylistRow::leaf);
    if (row == kPlaylists.end()) return {};
    address.what = row->address;
  } else if (const auto segment = parse_segment(rest)) {
    address.what = *segment;
  } else if (const auto number = parse_number(rest)) {
    address.what = *number;
  } else if (const auto part = parse_part(rest)) {
    address.what = *part;
  } else if (const auto init = parse_init(rest)) {
    address.what = *init;
  } else {
    return {};
  }
  return address;
}

std::optional<std::size_t> name_length(std::string_view path) {
  const auto ends = [&](std::string_view suffix) { return path.ends_with(suffix); };
  const bool dated = ends(".ts") || ends(".m4s") || ends(".fmp4") || ends(".vtt");
  const bool plain = ends(".m3u8") || ends(".m4s") || ends(".mp4") || ends(".vtt");
  // With its tracks where they are named: they are no part of the media's name.
  for (const std::size_t components : {7, 6, 2, 1}) {
    if (components > 2 ? !dated : !plain) continue;
    const auto start = start_of_last(path, components);
    if (start && *start > 1 && Address::parse(path.substr(*start))) return *start - 1;
  }
  return {};
}

}  // namespace sluice::hls
