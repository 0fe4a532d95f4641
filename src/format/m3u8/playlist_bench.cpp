#include <benchmark/benchmark.h>

#include "format/m3u8/media_playlist.hpp"

namespace sluice::m3u8 {
namespace {

/// Twelve segments, 32 parts in each of the last three, as a stream with parts of 200 ms has them.
MediaPlaylist low_latency() {
  MediaPlaylist playlist{.target_duration = 7, .media_sequence = 1'000'000, .independent_segments = true};
  playlist.server_control = ServerControl{.can_block_reload = true, .can_skip_until = std::chrono::seconds(42)};
  playlist.part_target = std::chrono::milliseconds(202);
  for (int i = 0; i < 12; ++i) {
    Segment segment{.uri = "2026/08/14/08/53/04-06400.fmp4", .duration = std::chrono::milliseconds(6400)};
    segment.program_date_time = UtcTime(std::chrono::seconds(1'786'697'584 + 6 * i));
    segment.map_uri = "init-0123456789abcdef.mp4";
    for (int part = 0; i >= 9 && part < 32; ++part) {
      segment.parts.push_back({.uri = "2026/08/14/08/53/04-0031.part.m4s", .duration = std::chrono::milliseconds(200)});
    }
    playlist.segments.push_back(std::move(segment));
  }
  return playlist;
}

void write_playlist(benchmark::State& state) {
  const auto playlist = low_latency();
  for (auto _ : state) benchmark::DoNotOptimize(write(playlist));
}
BENCHMARK(write_playlist);

void slices_for_a_viewer(benchmark::State& state) {
  const auto text = write(low_latency());
  std::vector<std::string_view> out;
  for (auto _ : state) {
    out.clear();
    slices(text, "?token=0123456789abcdef", out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(slices_for_a_viewer);

void render_for_a_viewer(benchmark::State& state) {
  const auto text = write(low_latency());
  for (auto _ : state) benchmark::DoNotOptimize(render(text, "?token=0123456789abcdef"));
}
BENCHMARK(render_for_a_viewer);

}  // namespace
}  // namespace sluice::m3u8
