#pragma once

#include <string_view>

#include "core/bytes.hpp"

namespace sluice {

/// The bytes that `digits` spell; whatever is no hexadecimal digit is passed over, so that fields can be spaced.
inline Bytes from_hex(std::string_view digits) {
  Bytes out;
  unsigned value = 0;
  bool half = false;
  for (const char c : digits) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<unsigned>((c | 0x20) - 'a') + 10;
    } else {
      continue;
    }
    value = value << 4 | digit;
    if (half) out.push_back(static_cast<std::byte>(value));
    half = !half;
  }
  return out;
}

}  // namespace sluice
