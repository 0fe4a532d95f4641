#include <benchmark/benchmark.h>

#include "protocol/rtmp/chunk_reader.hpp"
#include "protocol/rtmp/chunk_writer.hpp"

namespace sluice::rtmp {
namespace {

/// A second of video at 4 Mbit/s: 25 frames of 20 000 bytes, in chunks of `chunk_bytes`.
Bytes second_of_video(std::uint32_t chunk_bytes) {
  Bytes out;
  ByteWriter w(out);
  Bytes size(4);
  for (std::size_t i = 0; i < 4; ++i) size[i] = static_cast<std::byte>(chunk_bytes >> (24 - 8 * i));
  write_message(w, {.chunk_stream = kControlChunks, .type = MessageType::set_chunk_size}, {{BytesView(size)}});
  const Bytes frame(20'000);
  for (std::uint32_t i = 0; i < 25; ++i) {
    write_message(w, media_header(flv::Message::Type::video, i * 40), {{BytesView(frame)}}, chunk_bytes);
  }
  return out;
}

void read_chunks(benchmark::State& state) {
  const auto bytes = second_of_video(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) {
    ChunkReader reader;
    BytesView in = bytes;
    while (auto message = reader.next(in).value()) benchmark::DoNotOptimize(message);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(read_chunks)->Arg(128)->Arg(4096)->Arg(65'536);

void write_chunks(benchmark::State& state) {
  const Bytes prefix(5);
  const Bytes frame(20'000);
  Bytes out;
  for (auto _ : state) {
    out.clear();
    ByteWriter w(out);
    write_message(w, media_header(flv::Message::Type::video, 0), {{BytesView(prefix), BytesView(frame)}});
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * (prefix.size() + frame.size())));
}
BENCHMARK(write_chunks);

}  // namespace
}  // namespace sluice::rtmp
