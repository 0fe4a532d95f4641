#include "load/report.hpp"

#include <algorithm>

namespace sluice::load {
namespace {

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void Tally::add(const Viewer& viewer) {
  const auto& options = viewer.options();
  const auto& counts = viewer.counts();
  const bool closed = viewer.outcome() == Outcome::dropped;
  ++viewers;
  bytes += counts.bytes;
  if (options.behaviour == Behaviour::slow) slow_dropped += closed;
  if (options.behaviour == Behaviour::stalled) stalled_dropped += closed;
  if (options.behaviour != Behaviour::ordinary) return;

  ++ordinary;
  unreachable += viewer.outcome() == Outcome::unreachable;
  refused += viewer.outcome() == Outcome::refused;
  dropped += closed;
  unreadable += viewer.outcome() == Outcome::unreadable;
  ended += viewer.outcome() == Outcome::ended;
  not_started += viewer.outcome() == Outcome::playing && !viewer.startup();
  stalls += counts.stalls;
  http_errors += counts.http_errors;
  violations += viewer.violation_count();
  if (violation_texts.empty()) violation_texts = viewer.violations();
  bytes_each.add(counts.bytes);
  gap.add(counts.longest_gap);
  if (viewer.startup()) startup.add(*viewer.startup());

  if (!options.parsed) return;
  ++parsed;
  video_frames += counts.video_frames;
  audio_frames += counts.audio_frames;
  lost += viewer.ledger().lost();
  repeated += viewer.ledger().repeated();
  damage += counts.damage;
  delay.merge(viewer.delay());
}

bool Tally::faulty() const {
  return unreachable + refused + dropped + unreadable + not_started > 0 ||
         lost + repeated + damage + stalls + http_errors + violations > 0;
}

double Report::load_cpu() const {
  return window.length > std::chrono::nanoseconds(0) ? seconds(window.own_cpu) / seconds(window.length) : 0;
}

bool Report::faulty() const { return total.faulty() || publishers.publishing < publishers.count; }

int Report::exit_status() const {
  if (load_bound()) return 3;
  return faulty() ? 2 : 0;
}

Report make_report(const Run& run) {
  Report report{.window = run.window()};
  const auto& targets = run.options().play;
  for (const Target& target : targets) report.urls.push_back({.url = target.url, .kind = target.kind, .tally = {}});
  for (const Viewer& viewer : run.viewers()) {
    report.total.add(viewer);
    report.urls[static_cast<std::size_t>(viewer.options().target - targets.data())].tally.add(viewer);
    if (!viewer.options().parsed) continue;
    Report::OfViewer one{.url = viewer.options().target->url,
                         .outcome = std::string(to_string(viewer.outcome())),
                         .counts = viewer.counts(),
                         .lost = viewer.ledger().lost(),
                         .repeated = viewer.ledger().repeated(),
                         .delay = viewer.delay()};
    if (viewer.startup()) one.startup = static_cast<std::uint64_t>(viewer.startup()->count());
    report.parsed.push_back(std::move(one));
  }
  auto& publishers = report.publishers;
  for (const Publisher& publisher : run.publishers()) {
    ++publishers.count;
    publishers.publishing += publisher.state() == Publisher::State::publishing;
    publishers.bytes += publisher.counts().bytes;
    publishers.video_frames += publisher.counts().video_frames;
    publishers.lateness.merge(publisher.lateness());
    if (publishers.error.empty() && publisher.error()) publishers.error = publisher.error().message();
  }
  return report;
}

}  // namespace sluice::load
