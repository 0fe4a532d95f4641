#include <cstdlib>

#include "media/h264.hpp"

using namespace sluice;
using namespace sluice::media;

/// The first byte says how the rest is read: as record, as parameter set, as access unit, as byte stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView in(reinterpret_cast<const std::byte*>(data), size);
  if (in.empty()) return 0;
  const BytesView body = in.subspan(1);
  (void)h264::details(body);
  if (const auto config = h264::parse_config(body)) (void)h264::write_config(*config);
  if (const auto sps = h264::parse_sps(body)) {
    (void)sps->fps();
    (void)sps->may_reorder();
  }
  (void)h264::random_access(body);
  (void)h264::intra_only(body);
  (void)h264::disposable(body);
  if (const auto widened = h264::with_four_byte_lengths(body, std::to_integer<unsigned>(in[0]) % 4 + 1)) {
    if (h264::sound_length(*widened) != widened->size()) std::abort();
  }
  const Bytes payload = h264::from_annex_b(body);
  if (h264::from_annex_b(h264::to_annex_b(payload)) != payload) std::abort();
  const auto first = h264::updated_config({}, payload);
  if (first && !h264::details(*first)) std::abort();
  if (first && h264::updated_config(*first, payload)) std::abort();
  (void)h264::updated_config(body, payload);
  return 0;
}
