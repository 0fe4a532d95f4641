#include "load/errc.hpp"
#include "load/http_client.hpp"
#include "load/player.hpp"
#include "load/probe.hpp"

namespace sluice::load {
namespace {

constexpr std::chrono::seconds kHead{10};

}  // namespace

Task<Result<void>> play_flow(Viewer& viewer) {
  const Target& target = *viewer.options().target;
  HttpClient client(viewer);
  const auto head = co_await client.open(target.path, Shard::current().now() + kHead);
  if (!head) co_return fail(head.error());
  if (head->status != 200) co_return fail(Errc::bad_status);

  auto probe = FlowProbe::make(target.kind, viewer);
  Recording recording(viewer.options().record);
  while (viewer.wants_frames()) {
    const auto run = co_await client.read();
    if (!run || run->empty()) {
      probe->finish();
      co_return run ? fail(net::Errc::closed) : fail(run.error());
    }
    recording.write(*run);
    if (auto ok = probe->take(*run); !ok) co_return ok;
  }
  probe.reset();
  for (;;) {
    const auto n = co_await client.discard();
    if (!n) co_return fail(n.error());
    if (*n == 0) co_return fail(net::Errc::closed);
  }
}

}  // namespace sluice::load
