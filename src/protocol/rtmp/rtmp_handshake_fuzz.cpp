#include <algorithm>
#include <cstdint>

#include "core/assert.hpp"
#include "protocol/rtmp/handshake.hpp"

/// Feeds both sides of the handshake in pieces as long as the input's first byte says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] * 8u;
  const auto run = [&](auto side) {
    BytesView in(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    Bytes out;
    while (!in.empty() && !side.done()) {
      const auto taken = side.feed(in.first(std::min(piece, in.size())), out);
      if (!taken) return;
      SLUICE_ASSERT(*taken > 0 && out.size() <= 3073, "a handshake takes bytes and answers within its size");
      in = in.subspan(*taken);
    }
  };
  run(rtmp::ServerHandshake());
  run(rtmp::ClientHandshake());
  return 0;
}
