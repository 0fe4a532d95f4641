#pragma once

#include "stream/registry.hpp"

namespace sluice::fake {

/// `input fake://fake`: a test picture and a tone, made by the program sluice-fake, which stands beside the server's.
extern const stream::InputDriver kInput;

}  // namespace sluice::fake
