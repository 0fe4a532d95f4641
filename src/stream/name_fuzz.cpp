#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "core/assert.hpp"
#include "stream/name.hpp"

/// A name that is accepted stays below the directory that it is put into, and is a URL path as it stands.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view name(reinterpret_cast<const char*>(data), size);
  if (!sluice::stream::valid_stream_name(name)) return 0;
  SLUICE_ASSERT(name.find_first_of(std::string_view("\0%\\?#: ", 7)) == std::string_view::npos,
                "a character with a meaning");
  const std::filesystem::path path = std::filesystem::path("/root") / name;
  SLUICE_ASSERT(path.lexically_normal() == path && path.native().starts_with("/root/"), "the path leads elsewhere");
  return 0;
}
