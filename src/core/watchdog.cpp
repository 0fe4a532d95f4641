#include "core/watchdog.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "core/service_manager.hpp"
#include "core/stack_trace.hpp"

namespace sluice {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

Watchdog::Watchdog(Shards& shards, milliseconds limit, std::optional<std::chrono::microseconds> tell)
    : shards_(shards), limit_(limit), tell_(tell), hung_since_(shards.size()), thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Watchdog::run() {
  auto told = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, limit_ / 4, [this] { return stopping_; })) {
    const auto now = std::chrono::steady_clock::now();
    const bool live = look(now);
    // Twice as often as must be, for one may come late.
    if (live && tell_ && now - told >= *tell_ / 2) {
      notify_service_manager("WATCHDOG=1");
      told = now;
    }
  }
}

bool Watchdog::look(SteadyTime now) {
  bool live = true;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const auto since = shards_[i].busy_since();
    auto& told = hung_since_[i];
    if (told && told != since) {
      log::warning("a shard goes on", {{"shard", i}, {"after_ms", duration_cast<milliseconds>(now - *told).count()}});
      told.reset();
    }
    if (!since || now - *since < limit_) continue;
    live = false;
    if (told) continue;
    told = since;
    log::error("a shard hangs", {{"shard", i},
                                 {"for_ms", duration_cast<milliseconds>(now - *since).count()},
                                 {"stack", stack_of(shards_[i].thread())}});
  }
  return live;
}

}  // namespace sluice
