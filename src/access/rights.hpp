#pragma once

#include <cstdint>

namespace sluice::access {

/// What somebody may do with the API. Each includes those before it.
enum class Rights : std::uint8_t {
  none,
  view,  ///< reads everything but secrets
  edit   ///< reads and changes everything
};

}  // namespace sluice::access
