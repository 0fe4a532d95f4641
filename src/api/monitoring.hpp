#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace sluice::api {

/// `GET monitoring/liveness` and `monitoring/readiness`, for load balancers and orchestrators.
std::span<const Endpoint> monitoring_endpoints();

}  // namespace sluice::api
