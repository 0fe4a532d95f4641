#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stream/registry.hpp"

namespace sluice::api {

/// What the pages are told of the server, as JSON: the port of its RTMP listener (0 without one), its version, whether
/// who asks needs a login for its API, and where one may publish: names below a prefix first, then the first hundred
/// streams. Written in place of kServerPlaceholder.
std::string server_info(std::uint16_t rtmp_port, std::string_view version, bool login, const stream::StreamPlan& plan);

}  // namespace sluice::api
