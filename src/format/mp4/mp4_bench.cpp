#include <benchmark/benchmark.h>

#include "format/mp4/fragment.hpp"

namespace sluice::mp4 {
namespace {

/// Video with B-frames: every field of every sample differs, the dearest moof there is.
std::vector<Sample> video_samples(std::int64_t count) {
  std::vector<Sample> samples;
  for (std::int64_t i = 0; i < count; ++i) {
    samples.push_back({.duration = static_cast<std::uint32_t>(3600 + i % 2),
                       .size = static_cast<std::uint32_t>(1000 + i),
                       .composition_offset = static_cast<std::int32_t>(i % 3 * 3600),
                       .sync = i == 0,
                       .disposable = i % 3 == 1});
  }
  return samples;
}

constexpr FragmentHeader kHeader{.track_id = 1, .sequence_number = 1, .base_decode_time = 90'000};

void write_header(benchmark::State& state) {
  const auto samples = video_samples(state.range(0));
  Bytes bytes;
  for (auto _ : state) {
    bytes.clear();
    ByteWriter out(bytes);
    write_fragment_header(out, kHeader, samples);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(write_header)->Arg(1)->Arg(12)->Arg(250);  // a frame of M4S, a part, a segment

void read_whole(benchmark::State& state) {
  const auto samples = video_samples(state.range(0));
  Bytes bytes;
  ByteWriter out(bytes);
  write_fragment_header(out, kHeader, samples);
  for (const Sample& sample : samples) out.zeros(sample.size);
  for (auto _ : state) benchmark::DoNotOptimize(read_fragment(bytes));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read_whole)->Arg(1)->Arg(12)->Arg(250);

}  // namespace
}  // namespace sluice::mp4
