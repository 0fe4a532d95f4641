#include "core/uuid.hpp"

#include <fmt/format.h>

#include <random>

namespace sluice {

std::string uuid_of(std::uint64_t high, std::uint64_t low, unsigned version) {
  high = (high & ~std::uint64_t{0xf000}) | std::uint64_t{version} << 12;
  low = (low & ~(std::uint64_t{3} << 62)) | std::uint64_t{2} << 62;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffff'ffff'ffff);
}

std::string make_uuid() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return uuid_of(random(), random(), 4);
}

}  // namespace sluice
