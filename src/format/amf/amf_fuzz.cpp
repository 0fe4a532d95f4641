#include <cstdlib>

#include "format/amf/amf.hpp"

using namespace sluice;

/// The first byte chooses the version. What was read is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ByteReader in(BytesView(reinterpret_cast<const std::byte*>(data), size).subspan(1));
  while (in.left() > 0) {
    const auto value = data[0] % 2 == 0 ? amf::read_amf0(in) : amf::read_amf3(in);
    if (!value) break;
    Bytes first, second;
    ByteWriter w(first), again(second);
    amf::write_amf0(w, *value);
    ByteReader r(first);
    const auto read = amf::read_amf0(r);
    if (!read || r.left() != 0) std::abort();
    amf::write_amf0(again, *read);
    if (first != second) std::abort();  // bytes, not values: NaN differs from itself
  }
  return 0;
}
