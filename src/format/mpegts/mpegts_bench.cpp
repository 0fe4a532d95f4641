#include <benchmark/benchmark.h>

#include "format/mpegts/demuxer.hpp"
#include "format/mpegts/muxer.hpp"
#include "format/mpegts/sample_media.hpp"
#include "format/mpegts/segment.hpp"

namespace sluice::mpegts {
namespace {

/// Two seconds of one GOP at 25 frames a second, about `bitrate`, and AAC of 128 kbit/s.
struct Gop {
  media::Tracks tracks = sample::tracks({sample::h264(), sample::aac()});
  std::vector<media::Frame> frames;
  std::int64_t bytes = 0;

  explicit Gop(std::int64_t bitrate) {
    const auto picture = static_cast<std::size_t>(bitrate / 8 * 2 / 55);  // the key picture is six times as large
    for (int i = 0; i < 50; ++i) {
      frames.push_back(sample::frame(0, i * 3600, sample::picture(i == 0, i == 0 ? 6 * picture : picture), i == 0));
    }
    for (int i = 0; i < 94; ++i) frames.push_back(sample::frame(1, i * 1920, Payload::own(sample::coded(341))));
    sample::interleave(frames);
    for (const auto& frame : frames) bytes += static_cast<std::int64_t>(frame.payload.size());
  }
};

void report(benchmark::State& state, const Gop& gop) {
  state.SetBytesProcessed(state.iterations() * gop.bytes);
  state.counters["frame"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(gop.frames.size()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_Flow(benchmark::State& state) {
  const Gop gop(state.range(0));
  Muxer muxer(gop.tracks, {.title = "Benchmark"});
  Bytes out;
  for (auto _ : state) {
    for (const auto& frame : gop.frames) {
      out.clear();
      ByteWriter w(out);
      muxer.frame(w, frame);
      benchmark::DoNotOptimize(out.data());
    }
  }
  report(state, gop);
}

void BM_Segment(benchmark::State& state) {
  const Gop gop(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(segment(gop.tracks, gop.frames));
  report(state, gop);
}

void BM_Demuxer(benchmark::State& state) {
  const Gop gop(state.range(0));
  const Bytes stream = segment(gop.tracks, gop.frames);
  Demuxer demuxer;
  for (auto _ : state) {
    demuxer.push(stream);
    while (auto event = demuxer.next()) benchmark::DoNotOptimize(event);
  }
  report(state, gop);
}

BENCHMARK(BM_Flow)->Arg(1'000'000)->Arg(4'000'000)->Arg(20'000'000);
BENCHMARK(BM_Segment)->Arg(1'000'000)->Arg(4'000'000)->Arg(20'000'000);
BENCHMARK(BM_Demuxer)->Arg(1'000'000)->Arg(4'000'000)->Arg(20'000'000);

}  // namespace
}  // namespace sluice::mpegts
