#pragma once

#include <initializer_list>
#include <string_view>

#include "core/bytes.hpp"

/// Bytes for tests, as the standard's tables write them.
namespace sluice::rtmp::test {

inline Bytes bytes(std::initializer_list<unsigned> values) {
  Bytes out;
  for (const unsigned value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Bytes operator+(Bytes a, std::string_view b) {
  const auto view = as_bytes(b);
  a.insert(a.end(), view.begin(), view.end());
  return a;
}

/// `n` bytes that differ from their neighbours.
inline Bytes pattern(std::size_t n, unsigned first = 0) {
  Bytes out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::byte>(first + i * 7);
  return out;
}

inline Bytes copy(BytesView in) { return {in.begin(), in.end()}; }

}  // namespace sluice::rtmp::test
