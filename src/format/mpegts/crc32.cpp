#include "format/mpegts/crc32.hpp"

#include <array>

namespace sluice::mpegts {

namespace {

constexpr auto kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i << 24;
    for (int bit = 0; bit < 8; ++bit) value = value << 1 ^ ((value & 0x8000'0000) != 0 ? 0x04c1'1db7 : 0);
    table[i] = value;
  }
  return table;
}();

}  // namespace

std::uint32_t crc32(BytesView bytes) {
  std::uint32_t crc = 0xffff'ffff;
  for (const std::byte b : bytes) crc = crc << 8 ^ kTable[crc >> 24 ^ std::to_integer<std::uint32_t>(b)];
  return crc;
}

}  // namespace sluice::mpegts
