#include <fmt/format.h>

#include <iterator>

#include "load/report.hpp"

namespace sluice::load {
namespace {

constexpr double kGiga = 1e9;

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

/// One row: its name and what it says.
template <class... Args>
void row(std::string& out, std::string_view name, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), "  {:<12} ", name);
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  out += '\n';
}

std::string in_ms(const Histogram& us) {
  if (us.count() == 0) return "-";
  const auto ms = [](std::uint64_t value) { return static_cast<double>(value) / 1000; };
  return fmt::format("p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms", ms(us.percentile(0.5)), ms(us.percentile(0.99)),
                     ms(us.max()));
}

std::string faults_of(const Tally& t) {
  std::string out;
  const auto add = [&out](std::uint64_t n, std::string_view what) {
    if (n > 0) fmt::format_to(std::back_inserter(out), "{}{} {}", out.empty() ? "" : ", ", n, what);
  };
  add(t.unreachable, "unreachable");
  add(t.refused, "refused");
  add(t.dropped, "dropped");
  add(t.unreadable, "unreadable");
  add(t.not_started, "without a keyframe");
  add(t.http_errors, "HTTP errors");
  add(t.violations, "broken rules of HLS");
  return out.empty() ? "none" : out;
}

void add_tally(std::string& out, const Tally& t, std::chrono::nanoseconds length) {
  const auto bits = static_cast<double>(t.bytes) * 8;
  row(out, "viewers", "{}, of these {} parsed, {} slow or stalled, {} ended", t.viewers, t.parsed,
      t.viewers - t.ordinary, t.ended);
  row(out, "delivered", "{:.3f} GB, {:.1f} Mbit/s; each p50 {:.3f} MB, max {:.3f} MB",
      static_cast<double>(t.bytes) / kGiga, length.count() > 0 ? bits / seconds(length) / 1e6 : 0,
      static_cast<double>(t.bytes_each.percentile(0.5)) / 1e6, static_cast<double>(t.bytes_each.max()) / 1e6);
  row(out, "frames", "{} video, {} audio; {} lost, {} repeated, {} damaged", t.video_frames, t.audio_frames, t.lost,
      t.repeated, t.damage);
  row(out, "stalls", "{}; longest gap {}", t.stalls, in_ms(t.gap));
  row(out, "start-up", "{}", in_ms(t.startup));
  row(out, "delay", "{}", in_ms(t.delay));
  row(out, "faults", "{}", faults_of(t));
  if (t.viewers > t.ordinary) {
    row(out, "closed", "{} slow, {} stalled by the server", t.slow_dropped, t.stalled_dropped);
  }
  for (const auto& text : t.violation_texts) row(out, "", "{}", text);
}

void add_publishers(std::string& out, const Report::OfPublishers& p, std::chrono::nanoseconds length) {
  row(out, "streams", "{} of {} publishing{}{}", p.publishing, p.count, p.error.empty() ? "" : ": ", p.error);
  row(out, "sent", "{:.1f} Mbit/s, {} pictures, late {}",
      length.count() > 0 ? static_cast<double>(p.bytes) * 8 / seconds(length) / 1e6 : 0, p.video_frames,
      in_ms(p.lateness));
}

}  // namespace

std::string to_text(const Report& report) {
  const auto& window = report.window;
  std::string out = fmt::format("Measured for {:.1f} s\n", seconds(window.length));
  for (const auto& url : report.urls) {
    fmt::format_to(std::back_inserter(out), "\n{} ({})\n", url.url, to_string(url.kind));
    add_tally(out, url.tally, window.length);
  }
  if (report.urls.size() > 1) {
    out += "\nAll URLs\n";
    add_tally(out, report.total, window.length);
  }
  if (report.publishers.count > 0) {
    out += "\nPublishers\n";
    add_publishers(out, report.publishers, window.length);
  }
  out += "\nCost\n";
  row(out, "this load", "{:.2f} of a core{}", report.load_cpu(),
      report.load_bound() ? ": LOAD-BOUND, the figures above may be its own" : "");
  if (window.servers_seen) {
    const double gb = static_cast<double>(report.total.bytes) / kGiga;
    row(out, "server", "{:.2f} of a core, {:.2f} CPU s, {:.3f} CPU s/GB, {:.1f} MB resident",
        seconds(window.server_cpu) / seconds(window.length), seconds(window.server_cpu),
        gb > 0 ? seconds(window.server_cpu) / gb : 0, static_cast<double>(window.server_rss) / 1e6);
  }
  return out;
}

}  // namespace sluice::load
