#pragma once

#include "access/api_access.hpp"
#include "config/schema.hpp"

namespace sluice::access {

/// The directives of ApiAccess.
const config::Schema<ApiAccess>& api_access_schema();

}  // namespace sluice::access
