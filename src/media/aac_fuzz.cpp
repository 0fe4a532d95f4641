#include <cstdlib>

#include "media/adts.hpp"

using namespace sluice;
using namespace sluice::media;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView in(reinterpret_cast<const std::byte*>(data), size);
  (void)aac::details(in);
  if (const auto config = aac::parse_config(in); config && config->channel_configuration != 0) {
    if (aac::parse_config(aac::write_config(*config)) != *config) std::abort();
  }
  if (const auto header = aac::parse_adts(in); header && header->header_size == aac::kAdtsHeaderSize) {
    const auto written = aac::adts_header(header->config(), header->frame_size - header->header_size);
    if (!written || aac::parse_adts(*written)->frame_size != header->frame_size) std::abort();
  }
  return 0;
}
