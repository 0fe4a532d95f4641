#pragma once

#include "protocol/http_play.hpp"

namespace sluice::tshttp {

/// `GET /NAME/mpegts`: an endless transport stream.
extern const protocol::HttpPlayProtocol kPlay;

/// The flow that it sends: the same bytes for every viewer.
extern const stream::FlowForm kFlow;

}  // namespace sluice::tshttp
