#pragma once

#include <string_view>

namespace sluice {

/// Prints where an invariant of our own code broke, and aborts. Never used for what comes from outside.
[[noreturn]] void assertion_failed(std::string_view condition, std::string_view message, const char* file, int line);

}  // namespace sluice

/// A defect in our own code: the process stops with a message. On in every build.
#define SLUICE_ASSERT(condition, message) \
  (static_cast<bool>(condition) ? void(0) : ::sluice::assertion_failed(#condition, (message), __FILE__, __LINE__))
