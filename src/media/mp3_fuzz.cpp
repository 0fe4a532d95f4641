#include <cstdlib>

#include "media/mp3.hpp"

using namespace sluice;
using namespace sluice::media;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView in(reinterpret_cast<const std::byte*>(data), size);
  if (const auto header = mp3::parse_header(in)) {
    if (header->frame_size < mp3::kHeaderSize || header->sample_rate == 0 || !mp3::details(in)) std::abort();
    const auto config = mp3::updated_config({}, in);
    if (!config || mp3::updated_config(*config, in)) std::abort();
  }
  return 0;
}
