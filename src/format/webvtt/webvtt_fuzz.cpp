#include <cstdlib>

#include "format/webvtt/sample.hpp"
#include "format/webvtt/segment.hpp"

/// Whatever can be read as a sample is written back as one that reads the same, and makes a segment.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  using namespace sluice::webvtt;
  const auto cues = read_sample(std::as_bytes(std::span(data, size)), Ticks(0), Ticks(90'000));
  if (!cues) return 0;
  if (read_sample(write_sample(*cues), Ticks(0), Ticks(90'000)) != *cues) std::abort();
  write_segment(join_cues(*cues), {});
  return 0;
}
