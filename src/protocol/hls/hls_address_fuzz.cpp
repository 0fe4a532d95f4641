#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/assert.hpp"
#include "protocol/hls/address.hpp"

/// Where a media's name ends, an address begins.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  const auto length = sluice::hls::name_length(path);
  if (!length) return 0;
  SLUICE_ASSERT(*length > 0 && *length < size && path[*length] == '/', "a name without its end");
  SLUICE_ASSERT(sluice::hls::Address::parse(path.substr(*length + 1)), "a name without an address");
  return 0;
}
