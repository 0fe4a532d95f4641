#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "protocol/hls/container.hpp"
#include "stream/view.hpp"

namespace sluice::hls {

struct PlaylistAddress {
  enum class Kind : std::uint8_t {
    master,  ///< variants and renditions; behind "tracks-..." a media playlist of these tracks
    single,  ///< one video and one audio in one media playlist
    muxed    ///< one video and every audio in one media playlist
  };
  Kind kind = Kind::master;
  Container container = Container::automatic;

  bool operator==(const PlaylistAddress&) const = default;
};

/// A segment by the name that stream::Segment::name() gives it.
struct SegmentAddress {
  Container container = Container::ts;
  bool text = false;  ///< WebVTT, stamped for segments of `container` beside it
  std::chrono::sys_seconds second{};
  std::uint32_t name_ms = 0;

  bool operator==(const SegmentAddress&) const = default;
};

/// A segment by its number: low-latency playlists list a track's segment when the track is complete, which may be
/// before the segment's name is known.
struct NumberAddress {
  bool text = false;
  std::uint64_t number = 0;

  bool operator==(const NumberAddress&) const = default;
};

/// A part: the discontinuity number of its run, and its own. Counted over segments, so that it is known which comes
/// next before it is known in which segment.
struct PartAddress {
  std::uint64_t discontinuity = 0;
  std::uint32_t sequence = 0;

  bool operator==(const PartAddress&) const = default;
};

/// An init segment by a hash of its bytes.
struct InitAddress {
  std::uint64_t hash = 0;

  bool operator==(const InitAddress&) const = default;
};

/// What a path behind a media's name asks for: "tracks-v1a1/2026/03/22/08/06/37-05000.ts".
struct Address {
  std::optional<stream::View> tracks;  ///< of "tracks-v1a1"
  std::variant<PlaylistAddress, SegmentAddress, NumberAddress, PartAddress, InitAddress> what;

  /// Reads a path without leading '/'. Nothing where it is not of a form above.
  static std::optional<Address> parse(std::string_view rest);
};

/// The length of the media's name in `path`, where an Address stands behind it.
std::optional<std::size_t> name_length(std::string_view path);

}  // namespace sluice::hls
