#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "stream/view.hpp"

namespace sluice::hls {

/// How the segments that a playlist names are packed, and what comes with it.
enum class Form : std::uint8_t {
  automatic,    ///< MPEG-TS, or CMAF where the standard does not let MPEG-TS carry the video
  ts,           ///< MPEG-TS
  fmp4,         ///< CMAF tracks, muxed one after the other
  low_latency,  ///< CMAF in parts, a track a playlist
};

/// A playlist.
struct PlaylistAddress {
  enum class Kind : std::uint8_t {
    master,  ///< variants and renditions
    single,  ///< one video and one audio in one media playlist
    muxed    ///< one video and every audio in one media playlist
  };
  Kind kind = Kind::master;
  Form form = Form::automatic;

  bool operator==(const PlaylistAddress&) const = default;
};

/// A segment, by the name that stream::Segment::name() gives it.
struct SegmentAddress {
  enum class Kind : std::uint8_t {
    ts,      ///< ".ts"
    fmp4,    ///< ".fmp4"
    vtt,     ///< ".vtt": text beside CMAF
    ts_vtt,  ///< ".ts.vtt": text beside MPEG-TS, whose stamps are later by its decode delay
  };
  Kind kind = Kind::ts;
  std::chrono::sys_seconds second{};
  std::uint32_t name_ms = 0;

  bool operator==(const SegmentAddress&) const = default;
};

/// A part: the how-manieth of its track in its run.
struct PartAddress {
  std::uint64_t discontinuity = 0;  ///< of the run
  std::uint64_t index = 0;

  bool operator==(const PartAddress&) const = default;
};

/// An init segment, by a hash of its bytes.
struct InitAddress {
  std::uint64_t hash = 0;

  bool operator==(const InitAddress&) const = default;
};

/// What a path behind a media's name asks for: "tracks-v1a1/2026/03/22/08/06/37-05000.ts".
struct Address {
  std::optional<stream::View> tracks;  ///< of "tracks-v1a1"
  std::variant<PlaylistAddress, SegmentAddress, PartAddress, InitAddress> what;

  /// Reads a path without leading '/'. Nothing where it is not of a form above.
  static std::optional<Address> parse(std::string_view rest);
};

/// The length of the media's name in `path`, where an Address stands behind it.
std::optional<std::size_t> name_length(std::string_view path);

}  // namespace sluice::hls
