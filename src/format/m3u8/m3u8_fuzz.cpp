#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/assert.hpp"
#include "format/m3u8/presentation_checker.hpp"
#include "format/m3u8/reader.hpp"

namespace {

using namespace sluice::m3u8;

/// What was read, written and read again is the same playlist.
void round_trip(std::string_view text) {
  if (const auto master = read_master(text)) {
    const auto again = read_master(write(*master).text);
    SLUICE_ASSERT(again.has_value(), "a written Multivariant Playlist can be read");
  }
  const auto media = read_media(text);
  if (!media) return;
  const auto once = read_media(write(media->playlist).text);
  SLUICE_ASSERT(once.has_value(), "a written Media Playlist can be read");
  const auto twice = read_media(write(once->playlist).text);
  SLUICE_ASSERT(twice == once, "writing and reading change nothing any more");
  const auto delta = read_media(write_delta(once->playlist).text);
  SLUICE_ASSERT(delta && merge(once->playlist, *delta), "a delta update fits what it was made from");
}

}  // namespace

/// The input is playlists, each up to a NUL: the answers of two playlists in turn.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  inherited_query(input);
  resolve_uri(input.substr(0, size / 2), input.substr(size / 2));
  is_master(input);

  PresentationChecker checker({.low_latency = true});
  checker.on_master("http://a/index.m3u8", input.substr(0, input.find('\0')));
  for (std::uint64_t n = 0; !input.empty(); ++n) {
    const auto text = input.substr(0, input.find('\0'));
    input.remove_prefix(std::min(text.size() + 1, input.size()));
    round_trip(text);
    const sluice::SteadyTime now{std::chrono::seconds(n)};
    checker.on_answer(n % 2 == 0 ? "http://a/v1" : "http://a/a1",
                      {.requested = now, .answered = now, .msn = n, .part = n % 3, .skip = n % 3 == 0, .text = text});
  }
  return 0;
}
