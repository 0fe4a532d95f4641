#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace sluice::api {

/// The objects of the config that have names: `streams/{name}`, `streams/{name}/stop`, `templates`, `templates/{name}`.
std::span<const Endpoint> object_endpoints();

}  // namespace sluice::api
