#include "load/run.hpp"

#include <fmt/format.h>

#include "core/assert.hpp"
#include "load/player.hpp"

namespace sluice::load {
namespace {

std::string_view extension(Kind kind) {
  switch (kind) {
    case Kind::http_ts: return "ts";
    case Kind::hls: return "segments";
    default: return "flv";
  }
}

}  // namespace

Run::Run(RunOptions options) : options_(std::move(options)) {
  SLUICE_ASSERT(options_.publish.empty() || options_.clip, "publishers have something to publish");
  for (const Target& target : options_.publish) publishers_.emplace_back(target, *options_.clip);
  if (!options_.play.empty()) add_viewers();
}

void Run::add_viewers() {
  const std::size_t targets = options_.play.size();
  const std::size_t unlike = std::min(options_.viewers, options_.stalled + options_.slow);
  for (unsigned i = 0; i < options_.viewers; ++i) {
    const std::size_t target = i % targets;
    const auto index = static_cast<unsigned>(i / targets);
    const unsigned from_end = options_.viewers - 1 - i;
    const auto behaviour = from_end < options_.stalled                   ? Behaviour::stalled
                           : from_end < options_.stalled + options_.slow ? Behaviour::slow
                                                                         : Behaviour::ordinary;
    // Those in even distances, for some servers serve who came first always first or always last.
    const std::size_t alike = (options_.viewers - unlike + targets - 1 - target) / targets;
    const bool parsed =
        behaviour == Behaviour::ordinary && index * std::size_t{options_.parsed} % alike < options_.parsed;
    viewers_.emplace_back(Viewer::Options{
        .target = &options_.play[target],
        .index = index,
        .behaviour = behaviour,
        .parsed = parsed,
        .record = parsed ? record_path(options_.play[target], target, index) : std::string(),
        .slow_rate = options_.slow_rate,
        .reference = index > 0 ? &viewers_[target] : nullptr,  // the first of the same target
    });
  }
}

std::string Run::record_path(const Target& target, std::size_t target_index, unsigned index) const {
  if (options_.record.empty() || target.kind == Kind::tcp) return {};
  return fmt::format("{}/{}-{}.{}", options_.record, target_index + 1, index + 1, extension(target.kind));
}

Task<void> Run::count(Task<void> task, std::size_t& active) {
  ++active;
  co_await std::move(task);
  --active;
  left_.notify_all();
}

Task<void> Run::start_publishers() {
  const SteadyTime begin = Shard::current().now();
  for (std::size_t i = 0; i < publishers_.size(); ++i) {
    co_await sleep_until(begin + options_.ramp * i / publishers_.size());
    scope_.spawn(count(publishers_[i].run(), active_publishers_));
  }
}

Task<void> Run::start_viewers() {
  const SteadyTime begin = Shard::current().now();
  for (std::size_t i = 0; i < viewers_.size() && !ended_early_; ++i) {
    co_await sleep_until(begin + options_.ramp * i / viewers_.size());
    scope_.spawn(count(play(viewers_[i]), active_viewers_));
  }
}

Task<bool> Run::wait_for(std::chrono::nanoseconds time) {
  const SteadyTime until = Shard::current().now() + time;
  for (;;) {
    const bool nobody = viewers_.empty() ? active_publishers_ == 0 : active_viewers_ == 0;
    if (nobody || ended_early_) co_return false;
    if (!co_await left_.wait(until)) co_return true;
  }
}

Run::Usage Run::usage() const {
  Usage out{.at = std::chrono::steady_clock::now(), .own = own_cpu()};
  if (options_.servers.empty()) return out;
  out.servers.emplace();
  for (const pid_t pid : options_.servers) {
    const auto one = usage_of(pid);
    if (!one) {
      out.servers.reset();
      return out;
    }
    out.servers->cpu += one->cpu;
    out.servers->rss += one->rss;
  }
  return out;
}

Task<void> Run::run() {
  if (!publishers_.empty()) {
    co_await start_publishers();
    if (!viewers_.empty()) co_await sleep_for(options_.settle);
  }
  Usage before = usage();
  co_await start_viewers();
  bool going = true;
  if (options_.warmup > std::chrono::nanoseconds(0)) going = co_await wait_for(options_.warmup);
  if (going && options_.warmup > std::chrono::nanoseconds(0)) {
    for (Viewer& viewer : viewers_) viewer.begin_window();
    for (Publisher& publisher : publishers_) publisher.begin_window();
    before = usage();
  }
  if (going) co_await wait_for(options_.window);
  const Usage after = usage();
  for (Viewer& viewer : viewers_) viewer.end_window(after.at);

  window_ = {.length = after.at - before.at, .own_cpu = after.own - before.own};
  if (before.servers && after.servers) {
    window_.servers_seen = true;
    window_.server_cpu = after.servers->cpu - before.servers->cpu;
    window_.server_rss = after.servers->rss;
  }
  scope_.cancel();
}

void Run::end_early() {
  ended_early_ = true;
  left_.notify_all();
}

}  // namespace sluice::load
