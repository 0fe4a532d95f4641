#pragma once

namespace sluice::app {

/// The version of the CMake project, as in "0.1.0".
extern const char* const kVersion;

}  // namespace sluice::app
