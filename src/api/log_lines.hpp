#pragma once

#include "api/endpoint.hpp"

namespace sluice::api {

/// `log`: what happened lately.
std::span<const Endpoint> log_endpoints();

}  // namespace sluice::api
