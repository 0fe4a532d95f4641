#pragma once

#include "stream/flow_form.hpp"

namespace sluice::rtmp {

/// The media messages of a played stream, chunked once for all viewers: absolute stamps, message stream 1, type 0
/// headers. Every viewer is told our chunk size before the first.
extern const stream::FlowForm kFlow;

}  // namespace sluice::rtmp
