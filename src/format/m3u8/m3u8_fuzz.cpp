#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/assert.hpp"
#include "format/m3u8/reader.hpp"

/// What was read, written and read again is the same playlist.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::m3u8;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  inherited_query(text);
  resolve_uri(text.substr(0, size / 2), text.substr(size / 2));
  is_master(text);
  if (const auto master = read_master(text)) {
    const auto again = read_master(write(*master).text);
    SLUICE_ASSERT(again.has_value(), "a written Multivariant Playlist can be read");
  }
  const auto media = read_media(text);
  if (!media) return 0;
  const auto once = read_media(write(media->playlist).text);
  SLUICE_ASSERT(once.has_value(), "a written Media Playlist can be read");
  const auto twice = read_media(write(once->playlist).text);
  SLUICE_ASSERT(twice == once, "writing and reading change nothing any more");
  if (const auto delta = read_media(write_delta(once->playlist).text)) merge(once->playlist, *delta);
  return 0;
}
