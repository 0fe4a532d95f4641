#pragma once

#include <cstddef>

#include "core/bytes.hpp"

namespace sluice::media::h264 {

/// The bytes of a NAL unit without emulation prevention (H.264 section 7.3.1): 00 00 03 becomes 00 00.
inline Bytes unescape(BytesView in) {
  Bytes out;
  out.reserve(in.size());
  unsigned zeros = 0;
  for (const std::byte b : in) {
    if (zeros >= 2 && b == std::byte{3}) {
      zeros = 0;
      continue;
    }
    zeros = b == std::byte{0} ? zeros + 1 : 0;
    out.push_back(b);
  }
  return out;
}

}  // namespace sluice::media::h264
