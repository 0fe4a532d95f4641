#pragma once

#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "format/webvtt/cue.hpp"

/// WebVTT in CMAF (ISO/IEC 14496-30 section 7): a sample holds all that is on the screen during its time, a `vttc`
/// box for each cue, or one `vtte` where there is none. Samples follow each other without holes and never overlap; a
/// cue that lasts longer than what is shown beside it is in several of them.
namespace sluice::webvtt {

/// A stretch of the timeline on which nothing on the screen changes.
struct TextSample {
  Ticks start{};
  Ticks end{};
  Bytes payload;
};

/// The payload of a sample that shows these cues; `vtte` for none. Their times are the sample's, not written.
Bytes write_sample(std::span<const Cue> cues);

/// The cues of a sample's payload, each with the sample's time. Unknown boxes are skipped.
Result<std::vector<Cue>> read_sample(BytesView payload, Ticks start, Ticks end);

/// Cuts cues, which may overlap and leave gaps, into the samples that cover [from, to) completely.
std::vector<TextSample> cut_samples(std::span<const Cue> cues, Ticks from, Ticks to);

/// Puts the pieces of cues that cut_samples() cut together again: a cue that goes on where an equal one ended becomes
/// one with it. Keeps the order of starts. REQUIRES: ordered by start.
std::vector<Cue> join_cues(std::vector<Cue> cues);

}  // namespace sluice::webvtt
