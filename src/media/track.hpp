#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/payload.hpp"
#include "media/codec.hpp"

namespace sluice::media {

/// One elementary stream of a media: what stays the same for a whole run. Its place in `Tracks` is the `track` of its
/// frames.
struct Track {
  std::string id;  ///< v1.., a1.., t1.. (text), d1.. (data), counted for each content in the order of the source
  const Codec* codec = nullptr;
  Payload config;        ///< decoder configuration record; empty for codecs without one
  CodecDetails details;  ///< what `config` says
  std::string language;  ///< ISO 639-2 ("eng"), or empty
  std::string title;
  std::uint32_t bitrate = 0;  ///< bit/s as the source states it, 0 where unknown

  [[nodiscard]] Content content() const { return codec->content; }

  /// Units a second of the track's stamps in the store: the sample rate of audio, else 90000.
  [[nodiscard]] std::uint32_t timescale() const {
    return content() == Content::audio && details.sample_rate != 0 ? details.sample_rate : 90'000;
  }

  /// Same codec and same parameter sets: frames of the one can follow frames of the other without a new init.
  [[nodiscard]] bool same_parameters(const Track& other) const;
};

using Tracks = std::vector<Track>;

/// Gives every track its id by content and order: v1, v2, a1, t1, d1.
void assign_ids(Tracks& tracks);

}  // namespace sluice::media
