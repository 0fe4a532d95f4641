#include "load/player.hpp"

#include "load/wire.hpp"

namespace sluice::load {
namespace {

constexpr std::size_t kMostDiscard = 1 << 20;

Task<Result<void>> play_by_kind(Viewer& viewer) {
  switch (viewer.options().target->kind) {
    case Kind::rtmp: return play_rtmp(viewer);
    case Kind::hls: return play_hls(viewer);
    case Kind::tcp: return play_tcp(viewer);
    default: return play_flow(viewer);
  }
}

}  // namespace

Task<void> play(Viewer& viewer) { viewer.on_end(co_await play_by_kind(viewer)); }

Task<Result<void>> play_tcp(Viewer& viewer) {
  auto wire = co_await Wire::connect(viewer);
  if (!wire) co_return fail(wire.error());
  for (;;) {
    if (const auto n = co_await wire->discard(kMostDiscard); !n) co_return fail(n.error());
    viewer.on_started();
  }
}

}  // namespace sluice::load
