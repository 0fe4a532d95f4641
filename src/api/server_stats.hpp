#pragma once

#include "api/endpoint.hpp"

namespace sluice::api {

/// `config/stats`: how the server does.
std::span<const Endpoint> server_stats_endpoints();

}  // namespace sluice::api
