#pragma once

#include <map>
#include <string>
#include <vector>

#include "stream/registry.hpp"

namespace sluice::api {

/// The answer of `GET /streamer/api/v3/streams`. `viewers`: open play sessions by stream name.
std::string streams_json(const std::vector<stream::StreamStatus>& streams,
                         const std::map<std::string, std::size_t>& viewers);

}  // namespace sluice::api
