#include <cstdlib>

#include "format/mp4/fragment.hpp"
#include "format/mp4/init.hpp"

namespace {

using namespace sluice;
using namespace sluice::mp4;

/// What was read is written in our layout and must read the same.
void write_again(const Fragment& fragment) {
  std::vector<Sample> samples;
  for (const ReadSample& read : fragment.samples) samples.push_back(read.sample);
  Bytes bytes;
  ByteWriter out(bytes);
  write_fragment_header(
      out, {fragment.track_id, fragment.sequence_number, fragment.base_decode_time, fragment.utc.value_or(UtcTime{})},
      samples);
  for (const ReadSample& read : fragment.samples) out.bytes(read.payload);
  const auto again = read_fragment(bytes);
  if (!again || again->samples.size() != samples.size()) std::abort();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (again->samples[i].sample != samples[i]) std::abort();
    if (again->samples[i].decode_time != fragment.samples[i].decode_time) std::abort();
  }
}

}  // namespace

/// An init segment and the fragments after it, as in a file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  BytesView in = std::as_bytes(std::span(data, size));
  const auto init = read_init(in);
  while (!in.empty()) {
    const auto fragment = read_fragment(in, init ? &*init : nullptr);
    if (!fragment) break;
    // A sample without payload may be there a thousand times over and make the input dear: once is enough.
    if (!fragment->samples.empty() && fragment->samples.size() < 1000) write_again(*fragment);
    in = in.subspan(fragment->size);
  }
  return 0;
}
