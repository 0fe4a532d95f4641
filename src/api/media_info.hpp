#pragma once

#include "protocol/http_play.hpp"

namespace sluice::api {

/// `GET /NAME/media_info.json` and `GET /NAME/info.json`: title and tracks of a media, for everybody who may play it.
extern const protocol::HttpPlayProtocol kMediaInfo;

}  // namespace sluice::api
