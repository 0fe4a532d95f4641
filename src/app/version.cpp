#include "app/version.hpp"

namespace sluice::app {

const char* const kVersion = SLUICE_VERSION;

}  // namespace sluice::app
