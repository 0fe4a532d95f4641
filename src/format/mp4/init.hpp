#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "media/codec.hpp"
#include "media/track.hpp"

namespace sluice::mp4 {

/// True where the tracks of `codec` can be stored in MP4: the table of codecs.cpp has a row for it.
bool carries(const media::Codec& codec);

/// A track and the number by which its fragments name it.
struct InitTrack {
  std::uint32_t track_id;     ///< 1 to 2^32-2, unique in the init; at most 255 where MSE-LD plays it
  const media::Track& track;  ///< borrowed for the call
};

/// The init segment (CMAF header) of these tracks: ftyp and moov. A pure function of what a decoder needs (codec,
/// config, details, language): the same tracks give the same bytes on every node, whatever their bitrate or title.
/// One track makes a CMAF header (brand `cmfc`); more make the header of a muxed fMP4 whose fragments hold one track
/// each. There is no edit list: stamps are the timeline's own. REQUIRES: carries(codec) for every track.
Bytes write_init(std::span<const InitTrack> tracks);

/// What a fragment's samples are when its own boxes do not say (trex, ISO/IEC 14496-12 8.8.3).
struct SampleDefaults {
  std::uint32_t duration = 0;
  std::uint32_t size = 0;
  std::uint32_t flags = 0;
};

/// One track of an init segment, as read.
struct TrackInfo {
  std::uint32_t id = 0;
  std::uint32_t timescale = 0;          ///< units a second, never 0
  const media::Codec* codec = nullptr;  ///< null where no row of the table knows the sample entry
  Bytes config;                         ///< as media::Track::config; empty for MP3, whose frames say it all
  std::string language;                 ///< ISO 639-2, empty for "und"
  std::uint32_t width = 0;              ///< display size in pixels (tkhd), 0 for audio
  std::uint32_t height = 0;
  std::uint32_t sample_rate = 0;  ///< as the sample entry states it; `config` is the authority
  std::uint32_t channels = 0;
  SampleDefaults defaults;
};

struct Init {
  std::vector<TrackInfo> tracks;

  /// The track of that id, or null.
  [[nodiscard]] const TrackInfo* find(std::uint32_t track_id) const;
};

/// Reads an init segment, ours or another's. Boxes that are unknown are skipped; at most 64 tracks are taken.
Result<Init> read_init(BytesView in);

}  // namespace sluice::mp4
