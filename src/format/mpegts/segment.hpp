#pragma once

#include <span>

#include "core/bytes.hpp"
#include "format/mpegts/options.hpp"
#include "media/frame.hpp"
#include "media/track.hpp"

namespace sluice::mpegts {

/// An HLS segment (RFC 8216 section 3.2): PAT, PMT, then the frames. `frames` are those of one segment, of one run,
/// each track in order of dts and the tracks interleaved.
///
/// A pure function of its input: the same segment is the same bytes on every node, live or from the archive. Segments
/// laid one behind the other are nevertheless one transport stream: each PID has a multiple of 16 packets in each
/// segment, so that its continuity counter begins at 0 everywhere (the last PES packet of a track is spread over up to
/// 15 packets more), and the tables say discontinuity_indicator. Audio frames share a PES packet for up to 100 ms.
/// What is left out is what Muxer leaves out.
Bytes segment(const media::Tracks& tracks, std::span<const media::Frame> frames, const MuxerOptions& options = {});

}  // namespace sluice::mpegts
