#pragma once

#include "core/task.hpp"
#include "load/viewer.hpp"

namespace sluice::load {

/// Plays the viewer's target as the viewer behaves, until the server or the caller ends it; what came and how it ended
/// stands in the viewer, which outlives the task.
Task<void> play(Viewer& viewer);

// By the kind of the target.

Task<Result<void>> play_rtmp(Viewer& viewer);
Task<Result<void>> play_flow(Viewer& viewer);  ///< http_flv, http_ts
Task<Result<void>> play_hls(Viewer& viewer);
Task<Result<void>> play_tcp(Viewer& viewer);

}  // namespace sluice::load
