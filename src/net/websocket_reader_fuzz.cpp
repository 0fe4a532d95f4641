#include <cstdint>
#include <cstdlib>

#include "net/websocket_reader.hpp"

/// Reads the input whole and in pieces: the same data and control frames must come out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  using net::WebSocketReader;
  const auto read = [&](std::size_t cut) {
    Bytes bytes(reinterpret_cast<const std::byte*>(data), reinterpret_cast<const std::byte*>(data) + size);
    WebSocketReader reader;
    std::pair<Bytes, Bytes> out;
    for (std::size_t at = 0; at < size; at += cut) {
      std::span<std::byte> in = std::span(bytes).subspan(at, std::min(cut, size - at));
      for (;;) {
        const auto event = reader.next(in);
        if (!event || !*event) {
          if (!event) return out;
          break;
        }
        Bytes& to = (*event)->kind == WebSocketReader::Kind::data ? out.first : out.second;
        if (&to == &out.second) to.push_back(static_cast<std::byte>((*event)->kind));
        to.insert(to.end(), (*event)->bytes.begin(), (*event)->bytes.end());
      }
    }
    return out;
  };
  const auto whole = read(size + 1);
  for (const std::size_t cut : {1, 2, 7}) {
    if (read(cut) != whole) std::abort();
  }
  return 0;
}
