#include "core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace sluice {

void assertion_failed(std::string_view condition, std::string_view message, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %.*s: %.*s\n", file, line, static_cast<int>(condition.size()),
               condition.data(), static_cast<int>(message.size()), message.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace sluice
