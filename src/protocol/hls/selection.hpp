#pragma once

#include <cstdint>
#include <vector>

#include "media/track.hpp"
#include "protocol/hls/container.hpp"
#include "stream/view.hpp"

namespace sluice::hls {

/// The indexes of the tracks of a view that `container` carries, in the order of the view. REQUIRES: not automatic.
/// Text is WebVTT in segments of its own, whatever the container.
std::vector<std::uint32_t> carried(const media::Tracks& tracks, const stream::View& view, Container container);

/// What `automatic` stands for with the tracks of a view. Any other container is itself.
Container resolve(Container container, const media::Tracks& tracks, const stream::View& view);

/// Which tracks of a view one media playlist has, or one segment.
enum class Together : std::uint8_t {
  as_named,  ///< all audio and video, as "tracks-..." says; the first text where there are none of these
  one_each,  ///< the first video and the first audio
  all_audio  ///< the first video and every audio
};

/// The indexes of the tracks that lie together in the segments of a media playlist, of those that `container` carries.
/// Events ride with the audio and video, behind them, and are nothing without.
std::vector<std::uint32_t> together(const media::Tracks& tracks, const stream::View& view, Container container,
                                    Together rule);

/// True for a track whose segments are WebVTT files.
bool is_text(const media::Track& track);

}  // namespace sluice::hls
