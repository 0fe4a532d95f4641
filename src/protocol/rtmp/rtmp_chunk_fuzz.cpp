#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/assert.hpp"
#include "protocol/rtmp/chunk_reader.hpp"
#include "protocol/rtmp/commands.hpp"
#include "protocol/rtmp/media_reader.hpp"

namespace {

using namespace sluice;

/// Reads `in` in pieces; what came out, flattened.
std::vector<std::uint64_t> read(BytesView in, std::size_t piece) {
  rtmp::ChunkReader reader({.chunk_streams = 8, .unfinished_bytes = 1 << 16});
  std::vector<std::uint64_t> seen;
  while (!in.empty()) {
    BytesView part = in.first(std::min(piece, in.size()));
    in = in.subspan(part.size());
    while (true) {
      auto message = reader.next(part);
      if (!message) return seen;
      if (!*message) break;
      seen.insert(seen.end(), {static_cast<std::uint64_t>((*message)->type), (*message)->stream, (*message)->timestamp,
                               (*message)->body.size()});
      if (const auto command = rtmp::read_command(**message)) seen.push_back(command->arguments.size());
      rtmp::MediaReader media;
      media.push(**std::move(message));
      for (auto flv = media.next(); flv && *flv; flv = media.next()) seen.push_back((*flv)->timestamp);
    }
    SLUICE_ASSERT(reader.unfinished_bytes() <= 1 << 16, "the limit holds");
  }
  return seen;
}

}  // namespace

/// The messages of a chunk stream are the same in one piece and in pieces as long as the input's first byte says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  SLUICE_ASSERT(read(in, in.size() + 1) == read(in, 1 + data[0] % 64u), "cuts make no difference");
  return 0;
}
