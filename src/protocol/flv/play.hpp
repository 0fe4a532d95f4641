#pragma once

#include "protocol/http_play.hpp"

namespace sluice::flvhttp {

/// `GET /NAME/flv` and `GET /NAME.flv`: an endless FLV file.
extern const protocol::HttpPlayProtocol kPlay;

/// The flow that it sends: the same bytes for every viewer. Its stamps are the stream's, modulo 2^32 ms.
extern const stream::FlowForm kFlow;

}  // namespace sluice::flvhttp
