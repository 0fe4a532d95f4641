#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace sluice::api {

/// `config`: the config as a whole, as JSON or as the text of its file; and `reload`.
std::span<const Endpoint> config_endpoints();

}  // namespace sluice::api
