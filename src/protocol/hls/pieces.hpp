#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "stream/segment.hpp"
#include "stream/stream_config.hpp"

namespace sluice::hls {

/// The MPEG-TS segment of these tracks: a pure function of what is stored and configured.
Result<Bytes> make_ts(const stream::Segment& segment, std::span<const std::uint32_t> tracks,
                      const stream::StreamConfig& config);

/// The WebVTT segment of the first of these tracks, for playlists whose other segments are MPEG-TS or CMAF: the two
/// stamp their media differently (RFC 8216 section 3.5).
Result<Bytes> make_vtt_for_ts(const stream::Segment& segment, std::span<const std::uint32_t> tracks,
                              const stream::StreamConfig& config);
Result<Bytes> make_vtt_for_cmaf(const stream::Segment& segment, std::span<const std::uint32_t> tracks,
                                const stream::StreamConfig& config);

}  // namespace sluice::hls
