#pragma once

#include <span>

#include "stream/input_schema.hpp"

namespace sluice::app {

/// Every scheme of `input` that the specification knows, with the options of those that are built.
std::span<const stream::InputScheme> input_schemes();

}  // namespace sluice::app
